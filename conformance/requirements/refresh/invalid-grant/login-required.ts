import { EVERY_SERVER, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { loggedIn } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';

/** An administrator logs the person out; then the program wants a token, twice. */
async function loggedOut(stage: Stage, isProvoked: boolean) {
  const client = await stage.openLogin();
  await loggedIn(client);
  if (isProvoked) await stage.endSession();
  const first = await client.tryToken({ force_refresh: true });
  const before = { refreshes: stage.refreshes.length, asked: stage.authorizationRequests.length };
  const second = await client.tryToken({ force_refresh: true });
  return { first, before, second };
}

export default requirement({
  rule: 'A login whose refresh token is refused has run out: one refresh, then login_required, and no browser that nobody asked for.',
  sources: ['RFC 6749, section 5.2', 'RFC 8252, section 6'],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['authorization_code', 'refresh'],
      servers: EVERY_SERVER,
      flow: loggedOut,
      twin({ first, second }) {
        must(first.outcome === 'ok', 'a refreshed token', first);
        must(second.outcome === 'ok', 'another refreshed token', second);
      },
      judge({ first, before, second }, stage) {
        for (const outcome of [first, second]) {
          must(
            outcome.outcome === 'error' && outcome.error.class === 'login_required',
            'login_required',
            outcome,
          );
        }
        must(before.refreshes === 1, 'one refresh', before.refreshes);
        must(
          stage.refreshes.length === 1,
          'no refresh with a token that was refused',
          stage.refreshes.length,
        );
        must(stage.grants.length === 1, 'no other token request', stage.grants.length);
        must(
          stage.authorizationRequests.length === 1,
          'no browser',
          `${stage.authorizationRequests.length} authorization requests`,
        );
      },
    }),
  },
});
