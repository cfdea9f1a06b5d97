import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';

const CALLERS = 10;
// So long that every caller comes while the request is under way, also on a busy machine.
const HELD_MS = 4_000;

async function askTogetherThenAlone(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  const asked = Promise.all(Array.from({ length: CALLERS }, () => client.tryToken()));
  await stage.pause(HELD_MS);
  const together = await asked;
  const requests = stage.tokenRequests.length;
  return { together, requests, alone: await client.tryToken(), call: await client.tryCall() };
}
type Seen = Awaited<ReturnType<typeof askTogetherThenAlone>>;

function mustWork({ alone, call }: Seen): void {
  must(alone.outcome === 'ok', 'a token for the next caller', alone);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
}

export default requirement({
  rule: 'A failure is not remembered: all who waited for the request get its error, and the next call tries anew.',
  sources: ['practice: whoever keeps a failed promise or a lock is down until it is restarted'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'concurrent'],
      waits: HELD_MS / 1000,
      faults: [{ on: { endpoint: 'token', nth: [1] }, answer: { status: 503 }, delayMs: HELD_MS }],
      flow: askTogetherThenAlone,
      twin(seen) {
        const failed = seen.together.find(({ outcome }) => outcome !== 'ok');
        must(failed === undefined, `a token for ${CALLERS} callers`, failed);
        mustWork(seen);
      },
      judge(seen, stage) {
        reach(
          stage.tokenRequests[0]?.response?.status === 503,
          'a request that is answered with 503',
          stage.tokenRequests[0]?.response?.status,
        );
        const other = seen.together.find(
          (got) => got.outcome !== 'error' || got.error.class !== 'unavailable',
        );
        must(other === undefined, `the error unavailable for all ${CALLERS} callers`, other);
        must(seen.requests === 1, `one request for ${CALLERS} callers`, seen.requests);
        mustWork(seen);
      },
    }),
  },
});
