import { join } from 'node:path';
import { EVERY_SERVER, provoked, requirement } from '../../src/requirements/requirement.ts';
import type { ApiOutcome } from '../../src/adapter/client.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { bearer, jsonBody } from '../../src/wire/exchange.ts';
import { type Fault, INVALID_TOKEN } from '../../src/wire/fault.ts';

// The refresh is held back, so that the second refusal comes while it is under way. The others come when it is over.
const REFRESH_MS = 500;
const OVER = { endpoint: 'token', grant: 'refresh_token' } as const;
const REFUSALS: readonly Pick<Fault, 'until' | 'delayMs'>[] = [
  { delayMs: 200 },
  { delayMs: 500 },
  { until: OVER, delayMs: 100 },
  { until: OVER, delayMs: 500 },
  { until: OVER, delayMs: 1_500 },
];
const LATE_MS = 2_500;

async function callTogether(stage: Stage, refusing: boolean) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  const calls = Promise.all(REFUSALS.map(() => client.tryCall()));
  if (refusing) await stage.pause(LATE_MS);
  return calls;
}

/** The program renews its token while a call with the old one is under way. */
async function renewMeanwhile(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  stage.atRequest(({ endpoint }) => endpoint === 'api', resolve);
  const call = client.tryCall();
  // A call that fails without a request is judged, not waited for.
  await Promise.race([arrived, call]);
  await client.token({ force_refresh: true });
  return [await call];
}

/** Another client on the same store renews the token that this one still has in its memory. */
async function renewElsewhere(stage: Stage) {
  const more = { token_file: join(await stage.folder(), 'tokens.json') };
  const client = await stage.open(CLIENTS.service, more);
  await client.token();
  const other = await stage.open(CLIENTS.service, more);
  await other.token({ force_refresh: true });
  return [await client.tryCall()];
}

function mustAnswer(calls: readonly ApiOutcome[]): void {
  const failed = calls.find((call) => call.outcome !== 'ok' || call.status !== 200);
  must(failed === undefined, 'answered calls', failed);
}

/** Some refusal came when its token had been replaced, and all calls were repeated with the newer one. */
function mustRepeatWithNewer(calls: readonly ApiOutcome[], stage: Stage): void {
  const [refresh] = stage.refreshes;
  const refused = stage.apiRequests.filter(({ response }) => response?.status === 401);
  const renewedAt = refresh?.answeredAt ?? Infinity;
  const late = refused.filter(({ answeredAt = 0 }) => answeredAt > renewedAt);
  reach(late.length > 0, 'a refusal of a token that has been replaced', refused.length);
  mustAnswer(calls);
  must(
    stage.refreshes.length === 1 && stage.grants.length === 1,
    'one refresh',
    `${stage.refreshes.length} refreshes, ${stage.grants.length} grants`,
  );
  const newer = jsonBody(refresh?.response)?.['access_token'];
  const repeated = stage.apiRequests.filter(({ request }) => bearer(request) === newer);
  must(
    repeated.length === calls.length && stage.apiRequests.length === refused.length + calls.length,
    'one repeat of each call, with the newer token',
    `${repeated.length} requests with it, ${stage.apiRequests.length} in all`,
  );
}

function refusal(nth: number, held: Pick<Fault, 'until' | 'delayMs'> = {}): Fault {
  return { on: { endpoint: 'api', token: 1, nth: [nth] }, answer: INVALID_TOKEN, ...held };
}

export default requirement({
  rule:
    'A call that is refused when its token has been replaced already is repeated with the newer one, without another refresh: the newer one of the ' +
    'client itself (a), or of the store that it shares (b).',
  sources: [
    'practice: Django OAuth Toolkit deletes the old access token when it is refreshed, so calls that are under way fail one after the other; with rotation ' +
      'every further refresh is a risk (RFC 9700, section 4.14.2)',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh', 'concurrent', 'api_retry'],
      servers: EVERY_SERVER,
      waits: LATE_MS / 1000,
      faults: [
        ...REFUSALS.map((held, index) => refusal(index + 1, held)),
        { on: { endpoint: 'token', grant: 'refresh_token' }, delayMs: REFRESH_MS },
      ],
      flow: callTogether,
      twin(calls, stage) {
        mustAnswer(calls);
        must(stage.tokenRequests.length === 1, 'one token request', stage.tokenRequests.length);
      },
      judge: mustRepeatWithNewer,
    }),
    'a-meanwhile': provoked({
      needs: ['client_credentials', 'refresh', 'concurrent', 'api_retry'],
      servers: EVERY_SERVER,
      faults: [refusal(1, { until: OVER, delayMs: 100 })],
      flow: renewMeanwhile,
      twin: mustAnswer,
      judge: mustRepeatWithNewer,
    }),
    b: provoked({
      needs: ['client_credentials', 'refresh', 'api_retry', 'store', 'shared_store'],
      servers: EVERY_SERVER,
      faults: [refusal(1)],
      flow: renewElsewhere,
      twin: mustAnswer,
      judge: mustRepeatWithNewer,
    }),
  },
});
