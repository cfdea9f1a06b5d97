import { EVERY_SERVER, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form, jsonBody } from '../../../src/wire/exchange.ts';
import type { Fault } from '../../../src/wire/fault.ts';

async function refreshTwice(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  const first = await client.tryToken({ force_refresh: true });
  return { first, second: await client.tryToken({ force_refresh: true }) };
}
type Seen = Awaited<ReturnType<typeof refreshTwice>>;

function mustRefreshOn({ second }: Seen, stage: Stage): void {
  must(second.outcome === 'ok', 'a refreshed token', second);
  const seen = `${stage.refreshes.length} refreshes, ${stage.grants.length} grants`;
  must(
    stage.refreshes.length >= 2 && stage.grants.length === 1,
    'two refreshes after one grant',
    seen,
  );
}

/** @param fails for the first refresh. How the client reports it is the business of other rules. */
function afterOne(fails: Pick<Fault, 'answer' | 'breaks'>) {
  return provoked({
    needs: ['client_credentials', 'refresh'],
    // After a lost answer the token is spent where refresh tokens rotate.
    servers: fails.answer ? EVERY_SERVER : ['keycloak'],
    faults: [{ on: { endpoint: 'token', grant: 'refresh_token', nth: [1] }, ...fails }],
    flow: refreshTwice,
    twin: mustRefreshOn,
    judge(seen, stage) {
      const failed = stage.refreshes[0];
      reach(
        failed !== undefined && failed.response?.status !== 200,
        'a refresh that fails',
        failed?.response?.status,
      );
      mustRefreshOn(seen, stage);
      const issued = jsonBody(stage.grants[0]?.response)?.['refresh_token'];
      const next = stage.refreshes[1];
      must(
        next !== undefined && form(next.request).get('refresh_token') === issued,
        'the same refresh token after the failure',
        'another one, or none',
      );
    },
  });
}

export default requirement({
  rule: 'A refresh that fails for the moment leaves the refresh token in use: 5xx, 429, a broken connection (b).',
  sources: [
    'RFC 6749, section 5.2 (only invalid_grant says that the token is bad)',
    'practice: an outage of a minute must not end every login',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    'b-503': afterOne({ answer: { status: 503 } }),
    'b-429': afterOne({ answer: { status: 429 } }),
    'b-reset': afterOne({ breaks: 'reset' }),
  },
});
