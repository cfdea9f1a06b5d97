import {
  DECODING_SERVERS,
  EVERY_SERVER,
  plain,
  provoked,
  requirement,
} from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { mustRefuseSettings, tokenWith } from '../../../src/trial/settings.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form, header } from '../../../src/wire/exchange.ts';

function mustAuthenticate(stage: Stage, where: 'header' | 'body' | 'nowhere'): void {
  for (const { request } of stage.tokenRequests) {
    reach(form(request).has('grant_type'), 'a form', request.body);
    const inHeader = header(request, 'authorization') !== undefined;
    const inBody = form(request).has('client_secret');
    const seen =
      [inHeader && 'in the Authorization header', inBody && 'in the body']
        .filter(Boolean)
        .join(' and ') || 'nowhere';
    must(
      inHeader === (where === 'header') && inBody === (where === 'body'),
      `the secret ${WHERE[where]}`,
      seen,
    );
  }
}

const WHERE = {
  header: 'in the Authorization header only',
  body: 'in the body only',
  nowhere: 'nowhere',
};

async function grantAndRefresh(
  stage: Stage,
  method: 'basic' | 'post',
  where: 'header' | 'body',
): Promise<void> {
  const client = await stage.open(CLIENTS.service, { client_auth: method });
  const first = await client.tryToken();
  mustAuthenticate(stage, where);
  reach(first.outcome === 'ok', 'a token', first);
  await client.tryToken({ force_refresh: true });
  reach(stage.tokenRequests.length >= 2, 'a second token request', stage.tokenRequests.length);
  mustAuthenticate(stage, where);
}

export default requirement({
  rule: 'The client authenticates by exactly the configured method: HTTP Basic (a), secret in the body (b), nothing but its id (c); a secret beside none contradicts itself, and nothing is sent (d).',
  sources: ['RFC 6749, section 2.3.1', 'OpenID Connect Core 1.0, section 9'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials'],
      servers: DECODING_SERVERS,
      run: (stage) => grantAndRefresh(stage, 'basic', 'header'),
    }),
    b: plain({
      needs: ['client_credentials'],
      servers: EVERY_SERVER,
      run: (stage) => grantAndRefresh(stage, 'post', 'body'),
    }),
    c: plain({
      needs: ['client_credentials'],
      async run(stage) {
        const client = await stage.open({ id: CLIENTS.service.id }, { client_auth: 'none' });
        const outcome = await client.tryToken();
        const request = stage.tokenRequests[0]?.request;
        reach(request !== undefined, 'a token request', outcome);
        mustAuthenticate(stage, 'nowhere');
        must(form(request).get('client_id') === CLIENTS.service.id, 'the client_id in the body', [
          ...form(request).keys(),
        ]);
      },
    }),
    // Settings that contradict each other.
    d: provoked({
      needs: ['client_credentials'],
      async flow(stage, isProvoked) {
        const client_auth = isProvoked ? 'none' : 'post';
        return tokenWith(stage, CLIENTS.service, { client_auth });
      },
      twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
      judge: mustRefuseSettings,
    }),
  },
});
