import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { bearer, jsonBody } from '../../../src/wire/exchange.ts';
import type { Fault } from '../../../src/wire/fault.ts';

// Whoever counts from the answer has a token for ten seconds and more after the one who counts from the request has none: a machine may stall for most of them.
const HELD_MS = 14_000;
const LIFETIME_S = 16;
const LATER_MS = 2_300;

/** Gets a token whose answer may be held back, and calls the API a while later. */
async function tokenPauseCall(stage: Stage, held: boolean, refreshed: boolean) {
  const client = await stage.open(CLIENTS.service);
  if (refreshed) await client.token();
  const asked = client.tryToken({ force_refresh: refreshed });
  if (held) await stage.pause(HELD_MS);
  const token = await asked;
  const before = stage.wire.length;
  const issue = stage.tokenRequests.at(-1);
  reach(token.outcome === 'ok' && issue?.answeredAt !== undefined, 'a token', token);
  if (held) await stage.pause(Math.max(0, issue.answeredAt + LATER_MS - stage.now));
  const call = await client.tryCall();
  const [next] = stage.wire.slice(before);
  return { issue, next, call };
}

function late(refreshed: boolean, on: Fault['on']) {
  return provoked({
    needs: ['client_credentials', ...(refreshed ? (['refresh'] as const) : [])],
    waits: (HELD_MS + LATER_MS) / 1000,
    faults: [
      { on: { ...on, nth: [1] }, delayMs: HELD_MS, change: { json: { expires_in: LIFETIME_S } } },
    ],
    flow: (stage, held) => tokenPauseCall(stage, held, refreshed),
    twin({ next, call }) {
      must(call.outcome === 'ok' && call.status === 200, 'an API call', call);
      must(next?.endpoint === 'api', 'the token at hand in the call', next?.endpoint);
    },
    judge({ issue, next, call }, stage) {
      const sinceAnswer = (next?.at ?? Infinity) - (issue.answeredAt ?? 0);
      reach(
        sinceAnswer < LIFETIME_S * 800,
        'a machine that calls before the life would be over that counts from the answer',
        `${Math.round(sinceAnswer)} ms`,
      );
      must(next?.endpoint === 'token', 'a token request before the call', next?.endpoint);
      must(call.outcome === 'ok' && call.status === 200, 'an API call', call);
      const used = stage.apiRequests.map(({ request }) => bearer(request));
      const dead = jsonBody(issue.response)?.['access_token'];
      must(!used.includes(String(dead)), 'the renewed token in the call', 'the old one');
    },
  });
}

export default requirement({
  rule: "A token's life counts from the moment when it was asked for, not from its answer.",
  sources: ['RFC 6749, section 5.1 (from the time the response was generated)'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: late(false, { endpoint: 'token' }),
    'a-refresh': late(true, { endpoint: 'token', grant: 'refresh_token' }),
  },
});
