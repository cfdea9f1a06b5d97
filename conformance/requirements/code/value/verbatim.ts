import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { login } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

// What a careless hand would change: a plus sign, a percent sign that looks like an escape, slashes, equals signs; and longer than a usual buffer.
const CODE = `a+b/c==%2F~%41${'x'.repeat(2_000)}`;

async function loginWithCode(stage: Stage, isProvoked: boolean) {
  const client = await stage.openLogin();
  return login(client, isProvoked ? { edit: (url) => url.searchParams.set('code', CODE) } : {});
}

export default requirement({
  rule: 'The code is decoded once and sent on unchanged.',
  sources: ['RFC 6749, sections 4.1.2 and 4.1.3, appendix B'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['authorization_code'],
      flow: loginWithCode,
      twin({ outcome }) {
        must(outcome.outcome === 'ok', "a login with the server's own code", outcome);
      },
      judge({ outcome }, stage) {
        const [exchange] = stage.grants;
        reach(exchange !== undefined, 'a token request', outcome);
        const sent = form(exchange.request).getAll('code');
        must(
          sent.length === 1 && sent[0] === CODE,
          'the code of the callback, once',
          sent.map((code) => `${code.slice(0, 24)}… (${code.length} characters)`),
        );
      },
    }),
  },
});
