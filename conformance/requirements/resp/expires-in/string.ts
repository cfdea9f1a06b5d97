import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { bearer } from '../../../src/wire/exchange.ts';

// Long enough for two calls on a machine that stalls for seconds; a token that is taken to live longer, or not at all, shows itself all the same.
const LIFETIME_S = 10;
const TIME_FOR_CALLS_MS = 8_000;

async function callPauseCall(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  const token = await client.tryToken();
  if (token.outcome === 'error') return { token };
  await client.call();
  await client.call();
  const before = stage.tokenRequests.length;
  await stage.pause(LIFETIME_S * 1000 + 200);
  await client.call();
  return { token, before };
}
type Seen = Awaited<ReturnType<typeof callPauseCall>>;

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
      flow: callPauseCall,
      twin(seen, stage) {
        mustHaveOne(seen);
        must(
          stage.tokenRequests.length === 1,
          'one token for all calls while it lives',
          stage.tokenRequests.length,
        );
      },
      judge(seen, stage) {
        mustHaveOne(seen);
        const [first, second, third] = stage.apiRequests;
        reach(
          first !== undefined && second !== undefined && third !== undefined,
          'three API calls',
          stage.apiRequests.length,
        );
        const age = second.at - (stage.tokenRequests[0]?.at ?? 0);
        reach(
          age < TIME_FOR_CALLS_MS,
          `a machine that makes three requests in ${TIME_FOR_CALLS_MS / 1000} seconds`,
          `${Math.round(age)} ms`,
        );
        must(
          seen.before === 1,
          'one token for two calls within its lifetime',
          `${seen.before ?? 0} token requests`,
        );
        must(
          stage.tokenRequests.length === 2,
          'a renewal when the lifetime is over',
          `${stage.tokenRequests.length} token requests`,
        );
        must(
          bearer(third.request) !== bearer(first.request),
          'the renewed token in the call after it',
          'the old one',
        );
      },
    }),
  },
});
