import { plain, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { login } from '../../../src/trial/logins.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { jsonBody } from '../../../src/wire/exchange.ts';

const WANTED = ['tickets.read', 'tickets.write'];

async function getAndRefresh(stage: Stage) {
  const client = await stage.open(CLIENTS.service, { scope: WANTED.join(' ') });
  const issued = await client.tryToken();
  const refreshed = await client.tryToken({ force_refresh: true });
  const called = await client.tryCall();
  return { issued, refreshed, called };
}
type Seen = Awaited<ReturnType<typeof getAndRefresh>>;

function mustWork({ issued, refreshed, called }: Seen): void {
  must(issued.outcome === 'ok', 'a token', issued);
  must(refreshed.outcome === 'ok', 'a refreshed token', refreshed);
  must(called.outcome === 'ok' && called.status === 200, 'the catalogs', called);
  for (const { scope } of [issued, refreshed]) {
    const missing = WANTED.filter((name) => !scope.includes(name));
    must(missing.length === 0, 'the scopes that were asked for', scope);
  }
}

export default requirement({
  rule: 'An answer without scope grants what was asked for; on refresh, what was granted before.',
  sources: ['RFC 6749, sections 5.1 and 6'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh'],
      faults: [{ on: { endpoint: 'token' }, change: { json: { scope: undefined } } }],
      flow: getAndRefresh,
      twin: mustWork,
      judge: mustWork,
    }),
    // The first answer says what was granted, the second says nothing.
    'a-refresh': provoked({
      needs: ['client_credentials', 'refresh'],
      faults: [
        {
          on: { endpoint: 'token', grant: 'refresh_token' },
          change: { json: { scope: undefined } },
        },
      ],
      flow: getAndRefresh,
      twin: mustWork,
      judge: mustWork,
    }),
    // This one never names it after a login.
    'a-server': plain({
      needs: ['authorization_code', 'refresh'],
      servers: ['django-oidc-provider'],
      async run(stage) {
        const wanted = ['openid', 'profile', 'email'];
        const client = await stage.openLogin(CLIENTS.native, { scope: wanted.join(' ') });
        const { outcome } = await login(client);
        for (const told of [outcome, await client.tryToken({ force_refresh: true })]) {
          must(told.outcome === 'ok', 'a token', told);
          const missing = wanted.filter((name) => !told.scope.includes(name));
          must(missing.length === 0, 'the scopes that were asked for', told.scope);
        }
        const bodies = stage.tokenRequests.map(({ response }) => jsonBody(response));
        reach(
          bodies.length === 2 && bodies.every((body) => body && !('scope' in body)),
          'two answers without scope',
          bodies.length,
        );
      },
    }),
  },
});
