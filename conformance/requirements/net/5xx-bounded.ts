import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { login } from '../../src/trial/logins.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import type { FaultyAnswer } from '../../src/wire/fault.ts';

const OUTAGE: FaultyAnswer = { status: 503 };
const MOST_REQUESTS = 3;

async function ask(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  return client.tryToken();
}

async function logIn(stage: Stage) {
  return (await login(await stage.openLogin(CLIENTS.web))).outcome;
}

async function refresh(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  return client.tryToken({ force_refresh: true });
}

export default requirement({
  rule:
    'A token endpoint that is down is asked again a few times for a grant that repeats without harm (a), and once for a code ' +
    '(b) or a refresh token (c).',
  sources: [
    'RFC 9110, section 9.2.2',
    'practice: clients that go on asking are what keeps a server down',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials'],
      faults: [{ on: { endpoint: 'token' }, answer: OUTAGE }],
      flow: ask,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
      judge(_outcome, stage) {
        const { length } = stage.tokenRequests;
        reach(length > 0, 'a token request', length);
        must(length <= MOST_REQUESTS, `${MOST_REQUESTS} token requests at most`, length);
      },
    }),
    b: provoked({
      needs: ['authorization_code'],
      faults: [{ on: { endpoint: 'token' }, answer: OUTAGE }],
      flow: logIn,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a login', outcome),
      judge(_outcome, stage) {
        reach(stage.tokenRequests.length > 0, 'a token request', 0);
        must(stage.tokenRequests.length === 1, 'one token request', stage.tokenRequests.length);
      },
    }),
    c: provoked({
      needs: ['client_credentials', 'refresh'],
      faults: [{ on: { endpoint: 'token', refresh: true }, answer: OUTAGE }],
      flow: refresh,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a refreshed token', outcome),
      judge(_outcome, stage) {
        reach(stage.refreshes.length > 0, 'a refresh', 0);
        must(stage.refreshes.length === 1, 'one refresh', stage.refreshes.length);
      },
    }),
  },
});
