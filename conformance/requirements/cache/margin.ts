import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { inGoodTime } from '../../src/trial/in-good-time.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { bearer, jsonBody } from '../../src/wire/exchange.ts';

const LIFETIME_S = 16;
// Shorter than margins that are meant for half an hour, and long enough for some calls on a machine in trouble.
const SHORT_LIFETIME_S = 20;
// A sixteenth before the end: well within the tenth that a client of this project leaves.
const LATE_MS = LIFETIME_S * 1000 - 1_000;
const TRIES = 5;
const CALLS = 20;

/** Opens a client, gets a token, and calls when its life is nearly over. */
async function callAtTheEnd(stage: Stage, waiting: boolean) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  const before = stage.wire.length;
  const issue = stage.tokenRequests.at(-1);
  reach(issue !== undefined, 'a token request', 'none');
  // Counted from the request, because its answer may take longer than the margin on a busy machine.
  if (waiting) await stage.pause(Math.max(0, issue.at + LATE_MS - stage.now));
  const call = await client.tryCall();
  const since = stage.wire.slice(before);
  return { call, issue, since, age: (since[0]?.at ?? Infinity) - issue.at };
}

/** On a busy machine the call may come when the life is over, and any client renews then. */
const untilInTime = (stage: Stage, provoking: boolean) =>
  inGoodTime(
    TRIES,
    () => callAtTheEnd(stage, provoking),
    ({ age }) => !provoking || age < LIFETIME_S * 1000,
  );

async function callOften(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  for (let call = 0; call < CALLS; call++) await client.call();
}

export default requirement({
  rule: 'A token is renewed a little before its life is over (a), and for a short life that margin is short, too (b).',
  sources: [
    'practice: a token that ends under way costs a 401; a margin longer than the life renews at each call',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials'],
      waits: LIFETIME_S,
      faults: [
        {
          on: { endpoint: 'token', grant: 'client_credentials' },
          change: { json: { expires_in: LIFETIME_S } },
        },
      ],
      flow: untilInTime,
      twin({ call, since }) {
        must(call.outcome === 'ok' && call.status === 200, 'an API call', call);
        must(since.length > 0, 'a request', 'none');
      },
      judge({ issue, since, age }) {
        reach(
          age < LIFETIME_S * 1000,
          `a machine that is in time in one of ${TRIES} tries`,
          `${Math.round(age)} ms`,
        );
        const seen = since.map(({ endpoint }) => endpoint);
        must(seen[0] === 'token', 'a token request before the call', seen);
        const old = jsonBody(issue.response)?.['access_token'];
        const used = since.some(({ request }) => bearer(request) === old);
        must(!used, 'no call with the token that is nearly over', seen);
      },
    }),
    b: provoked({
      needs: ['client_credentials'],
      faults: [{ on: { endpoint: 'token' }, change: { json: { expires_in: SHORT_LIFETIME_S } } }],
      flow: callOften,
      twin: (_, stage) =>
        must(stage.tokenRequests.length === 1, 'one token request', stage.tokenRequests.length),
      judge(_, stage) {
        const took = (stage.apiRequests.at(-1)?.at ?? 0) - (stage.tokenRequests[0]?.at ?? 0);
        // Whoever keeps a token for half of its life needs so many; the first one is always needed.
        const enough = 1 + Math.floor(took / (SHORT_LIFETIME_S * 500));
        reach(enough < CALLS / 2, `${CALLS} calls in good time`, `${Math.round(took)} ms`);
        must(
          stage.tokenRequests.length <= enough,
          `at most ${enough} token requests in ${Math.round(took)} ms`,
          stage.tokenRequests.length,
        );
      },
    }),
  },
});
