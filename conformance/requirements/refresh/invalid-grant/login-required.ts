import { DJANGO_SERVERS, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { type RealmUser, USERS } from '../../../src/trial/clients.ts';
import { loggedIn } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';

/** An administrator ends the login; then the program wants a token, twice. */
async function outlive(stage: Stage, user: RealmUser, end: (() => Promise<void>) | undefined) {
  const client = await stage.openLogin();
  await loggedIn(client, { user });
  await end?.();
  const first = await client.tryToken({ force_refresh: true });
  const refreshes = stage.refreshes.length;
  const second = await client.tryToken({ force_refresh: true });
  return { first, refreshes, second };
}

type Seen = Awaited<ReturnType<typeof outlive>>;

function mustRenew({ first, second }: Seen): void {
  must(first.outcome === 'ok', 'a refreshed token', first);
  must(second.outcome === 'ok', 'another refreshed token', second);
}

function mustAskForALogin({ first, refreshes, second }: Seen, stage: Stage): void {
  for (const outcome of [first, second]) {
    must(
      outcome.outcome === 'error' && outcome.error.class === 'login_required',
      'login_required',
      outcome,
    );
  }
  must(refreshes === 1, 'one refresh', refreshes);
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
}

export default requirement({
  rule: 'A login whose refresh token is refused has run out: one refresh, then login_required, and no browser that nobody asked for.',
  sources: ['RFC 6749, section 5.2', 'RFC 8252, section 6'],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['authorization_code', 'refresh'],
      servers: DJANGO_SERVERS,
      flow: (stage, isProvoked) =>
        outlive(stage, USERS.ada, isProvoked ? () => stage.endSession() : undefined),
      twin: mustRenew,
      judge: mustAskForALogin,
    }),
    // At Keycloak all sessions of a person end, whom therefore nobody else may be.
    'a-everywhere': provoked({
      needs: ['authorization_code', 'refresh'],
      flow: async (stage, isProvoked) =>
        outlive(stage, await stage.newUser(), isProvoked ? () => stage.logOutPerson() : undefined),
      twin: mustRenew,
      judge: mustAskForALogin,
    }),
  },
});
