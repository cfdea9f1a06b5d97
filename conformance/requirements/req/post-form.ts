import { plain, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { type Exchange, form, header } from '../../src/wire/exchange.ts';

function mustBeForm({ request }: Exchange): void {
  must(request.method === 'POST', 'POST to the token endpoint', request.method);
  const type = header(request, 'content-type') ?? 'no Content-Type';
  const isForm = /^application\/x-www-form-urlencoded(?: *; *charset="?utf-8"?)?$/i.test(
    type.trim(),
  );
  must(isForm, 'the media type application/x-www-form-urlencoded', type);
  const whole = !/%(?![0-9a-f]{2})/i.test(request.body) && !/[\s{}"<>]/.test(request.body);
  must(
    whole && form(request).has('grant_type'),
    'a form with a grant_type in the body',
    request.body,
  );
  must(![...form(request).values()].join('').includes('\uFFFD'), 'UTF-8 in the form', request.body);
}

async function grantAndRefresh(stage: Stage, method: 'basic' | 'post'): Promise<void> {
  const client = await stage.open(CLIENTS.service, { client_auth: method });
  const first = await client.tryToken();
  stage.tokenRequests.forEach(mustBeForm);
  reach(first.outcome === 'ok', 'a token', first);
  const second = await client.tryToken({ force_refresh: true });
  stage.tokenRequests.forEach(mustBeForm);
  reach(second.outcome === 'ok', 'a refreshed token', second);
  reach(stage.refreshes.length === 1, 'a refresh request', stage.tokenRequests.length);
}

export default requirement({
  rule: 'The token endpoint gets nothing but POST requests with a form body in UTF-8.',
  sources: ['RFC 6749, section 3.2', 'RFC 6749, section 4.4.2', 'RFC 6749, appendix B'],
  level: 'MUST',
  tier: 'core',
  cases: {
    'a-post': plain({
      needs: ['client_credentials', 'refresh'],
      run: (stage) => grantAndRefresh(stage, 'post'),
    }),
    'a-basic': plain({
      needs: ['client_credentials', 'refresh'],
      run: (stage) => grantAndRefresh(stage, 'basic'),
    }),
  },
});
