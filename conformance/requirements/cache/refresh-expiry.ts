import { needed } from '../../src/adapter/client.ts';
import {
  DJANGO_SERVERS,
  plain,
  provoked,
  requirement,
} from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { inGoodTime } from '../../src/trial/in-good-time.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { jsonBody } from '../../src/wire/exchange.ts';

// After so long without use Keycloak ends the client's session, and with it the refresh token (realm/korusticket.json).
const IDLE_S = 8;
const TRIES = 3;

async function refreshOnce(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  return client.tryToken({ force_refresh: true });
}

function mustRefresh(outcome: Awaited<ReturnType<typeof refreshOnce>>, stage: Stage): void {
  must(outcome.outcome === 'ok', 'a renewed token', outcome);
  const seen = `${stage.refreshes.length} refresh requests, ${stage.grants.length} grant requests`;
  must(
    stage.refreshes.length === 1 && stage.grants.length === 1,
    'a refresh, not a new grant',
    seen,
  );
}

/** A client that gets a token and refreshes it once. */
async function refreshShortLived(stage: Stage) {
  const client = await stage.open(CLIENTS.short);
  await client.token();
  const issuedAt = stage.tokenRequests.at(-1)?.answeredAt ?? 0;
  const before = stage.refreshes.length;
  const outcome = await client.tryToken({ force_refresh: true });
  // A client that knows that its refresh token has ended sends the grant instead.
  const waitedMs = (stage.tokenRequests.at(-1)?.at ?? 0) - issuedAt;
  return { client, outcome, refreshes: stage.refreshes.length - before, waitedMs };
}

/** On a machine that stalls, the session may have ended before the refresh. */
async function refreshedInTime(stage: Stage) {
  const { client, outcome, refreshes } = await inGoodTime(
    TRIES,
    () => refreshShortLived(stage),
    ({ waitedMs }) => waitedMs < IDLE_S * 900,
  );
  needed(outcome, 'a refreshed token');
  reach(refreshes === 1, 'a refresh while the refresh token lives', refreshes);
  return client;
}

function unknownLife(refreshExpiresIn: 0 | undefined) {
  return provoked({
    needs: ['client_credentials', 'refresh'],
    faults: [
      { on: { endpoint: 'token' }, change: { json: { refresh_expires_in: refreshExpiresIn } } },
    ],
    flow: refreshOnce,
    twin: mustRefresh,
    judge: mustRefresh,
  });
}

export default requirement({
  rule: 'A refresh token past its refresh_expires_in is not sent (a); 0 or no such member means unknown, not expired (b).',
  sources: [
    "practice: refresh_expires_in is Keycloak's; a request that can only fail is an error in the server's log",
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials', 'refresh'],
      waits: IDLE_S,
      async run(stage) {
        const client = await refreshedInTime(stage);
        const before = { refreshes: stage.refreshes.length, grants: stage.grants.length };
        await stage.pause(IDLE_S * 1000 + 300);
        const outcome = await client.tryToken();
        const refreshes = stage.refreshes.length - before.refreshes;
        must(refreshes === 0, 'no refresh with the dead token', refreshes);
        const grants = stage.grants.length - before.grants;
        must(grants === 1, 'the grant again', `${grants} grant requests`);
        must(outcome.outcome === 'ok', 'a token', outcome);
      },
    }),
    'b-zero': unknownLife(0),
    'b-absent': unknownLife(undefined),
    // These never say it.
    'b-server': plain({
      needs: ['client_credentials', 'refresh'],
      servers: DJANGO_SERVERS,
      async run(stage) {
        const outcome = await refreshOnce(stage);
        const issued = jsonBody(stage.grants[0]?.response);
        reach(
          issued !== undefined && !('refresh_expires_in' in issued),
          'an answer without refresh_expires_in',
          Object.keys(issued ?? {}),
        );
        mustRefresh(outcome, stage);
      },
    }),
  },
});
