import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';

// Longer than any trial.
const LATER_S = 300;
// Who takes these seconds for milliseconds asks again.
const MUCH_LATER_MS = 3 * LATER_S;

/** Asks on: the token at hand is good, but a newer one is wanted. */
async function refreshTwiceAndCall(stage: Stage, isAsked: boolean) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  const first = await client.tryToken({ force_refresh: true });
  if (isAsked) await stage.pause(MUCH_LATER_MS);
  const second = await client.tryToken({ force_refresh: true });
  return { first, second, call: await client.tryCall() };
}

/** The server asks for time, once. */
function asksForTime(status: number, errorClass: string) {
  return provoked({
    needs: ['client_credentials', 'refresh', 'cool_down'],
    waits: MUCH_LATER_MS / 1000,
    faults: [
      {
        on: { endpoint: 'token', refresh: true, nth: [1] },
        answer: { status, headers: { 'Retry-After': `${LATER_S}` } },
      },
    ],
    flow: refreshTwiceAndCall,
    twin({ first, second, call }, stage) {
      must(first.outcome === 'ok' && second.outcome === 'ok', 'two refreshed tokens', second);
      must(stage.refreshes.length === 2, 'two refreshes', stage.refreshes.length);
      must(call.outcome === 'ok', 'an answered call', call);
    },
    judge({ first, second, call }, stage) {
      reach(first.outcome === 'error', 'a refresh that fails', first);
      must(
        stage.refreshes.length === 1,
        `no second refresh within ${LATER_S} s`,
        stage.refreshes.length,
      );
      must(stage.grants.length === 1, 'no other grant', stage.grants.length);
      must(
        second.outcome === 'error' && second.error.class === errorClass,
        `the error class ${errorClass}`,
        second,
      );
      must(call.outcome === 'ok' && call.status === 200, 'a call with the token at hand', call);
    },
  });
}

export default requirement({
  rule: 'A token endpoint that asks for time, with 503 (a) or 429 (b), is not asked again before, and the token at hand is used on.',
  sources: ['RFC 9110, section 10.2.3 (Retry-After)', 'RFC 6585, section 4'],
  level: 'SHOULD',
  tier: 'hardened',
  cases: {
    a: asksForTime(503, 'unavailable'),
    b: asksForTime(429, 'rate_limited'),
  },
});
