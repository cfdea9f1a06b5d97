import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS, type RealmClient } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { bearer, jsonBody } from '../../../src/wire/exchange.ts';

// What the server gives this client (realm/korusticket.json): long enough for a call on a machine that stalls for seconds.
const LIFETIME_S = 6;

async function callPauseCall(stage: Stage, client: RealmClient): Promise<void> {
  const opened = await stage.open(client);
  await opened.call();
  reach(stage.tokenRequests.length >= 1, 'a token request', stage.tokenRequests.length);
  const before = stage.wire.length;
  // Counted from the token request, not from here: after a slow answer a client that renews too late would otherwise have come round.
  const sentAt = stage.tokenRequests.at(-1)?.at ?? 0;
  await stage.pause(Math.max(0, sentAt + LIFETIME_S * 1000 + 300 - stage.now));
  const call = await opened.tryCall();
  mustCarryLiveTokens(stage);
  const next = stage.wire.slice(before).map(({ endpoint }) => endpoint);
  must(next[0] === 'token', 'a token request before the call', next);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with the renewed token', call);
}

function mustCarryLiveTokens(stage: Stage): void {
  for (const { request, at } of stage.apiRequests) {
    const issue = stage.tokenRequests.find(
      ({ response }) => jsonBody(response)?.['access_token'] === bearer(request),
    );
    reach(issue?.answeredAt !== undefined, 'a token from this wire in the call', 'another one');
    // A machine that stands still between the client's look at its clock and the arrival of the request ages the token without the client's knowing.
    const age = (at - issue.answeredAt - stage.stalledMs(issue.answeredAt, at)) / 1000;
    must(
      age < LIFETIME_S,
      `a token younger than ${LIFETIME_S} s in every API request`,
      `${age.toFixed(1)} s old`,
    );
  }
}

export default requirement({
  rule: 'No API request carries a token older than its lifetime: it is renewed first.',
  sources: [
    'practice: waiting for the 401 costs a request, and some APIs count or block them',
    'RFC 6749, section 5.1 (expires_in)',
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials'],
      waits: LIFETIME_S,
      run: (stage) => callPauseCall(stage, CLIENTS.short),
    }),
  },
});
