import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { inGoodTime } from '../../../src/trial/in-good-time.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { bearer, type Endpoint, type Exchange } from '../../../src/wire/exchange.ts';

// Long enough for two calls on a machine that stalls for seconds; a token that is taken to live longer, or not at all, shows itself all the same.
const LIFETIME_S = 10;
const TIME_FOR_CALLS_MS = 8_000;
const TRIES = 3;

async function callPauseCall(stage: Stage) {
  const sent = stage.wire.length;
  const client = await stage.open(CLIENTS.service);
  const token = await client.tryToken();
  if (token.outcome === 'error') return { token, age: 0, tokens: 0, wire: [] as Exchange[] };
  await client.call();
  await client.call();
  const since = () => stage.wire.slice(sent);
  const tokens = since().filter(({ endpoint }) => endpoint === 'token').length;
  const age = (since().at(-1)?.at ?? 0) - (since()[0]?.at ?? 0);
  await stage.pause(LIFETIME_S * 1000 + 200);
  await client.call();
  return { token, age, tokens, wire: since() };
}

/** On a machine that stalls, the second call may come when the life is over, and any client renews then. */
const untilInTime = (stage: Stage) =>
  inGoodTime(
    TRIES,
    () => callPauseCall(stage),
    ({ age }) => age < TIME_FOR_CALLS_MS,
  );
type Seen = Awaited<ReturnType<typeof callPauseCall>>;

const of = (endpoint: Endpoint, { wire }: Seen) =>
  wire.filter((exchange) => exchange.endpoint === endpoint);

function mustHaveOne({ token }: Seen): void {
  must(token.outcome === 'ok', 'a token, its lifetime being a number in a text', token);
}

export default requirement({
  rule: 'An expires_in that comes as text with a number in it is read as seconds.',
  sources: [
    'practice: document 003 of the project describes a server that sends it so; RFC 6749, section 5.1 has a number',
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['client_credentials'],
      waits: LIFETIME_S,
      faults: [{ on: { endpoint: 'token' }, change: { json: { expires_in: String(LIFETIME_S) } } }],
      flow: untilInTime,
      twin(seen) {
        mustHaveOne(seen);
        must(seen.tokens === 1, 'one token for two calls', seen.tokens);
        const { length } = of('token', seen);
        must(length === 1, 'one token for all calls while it lives', length);
      },
      judge(seen) {
        mustHaveOne(seen);
        const [first, , third] = of('api', seen);
        reach(first !== undefined && third !== undefined, 'three API calls', seen.wire.length);
        reach(
          seen.age < TIME_FOR_CALLS_MS,
          `a machine that makes three requests in ${TIME_FOR_CALLS_MS / 1000} seconds in one of ${TRIES} tries`,
          `${Math.round(seen.age)} ms`,
        );
        must(
          seen.tokens === 1,
          'one token for two calls within its lifetime',
          `${seen.tokens} token requests`,
        );
        const { length } = of('token', seen);
        must(length === 2, 'a renewal when the lifetime is over', `${length} token requests`);
        must(
          bearer(third.request) !== bearer(first.request),
          'the renewed token in the call after it',
          'the old one',
        );
      },
    }),
  },
});
