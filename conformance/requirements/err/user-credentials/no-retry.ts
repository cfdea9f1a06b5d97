import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS, USERS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';

async function withPassword(stage: Stage, isProvoked: boolean) {
  const client = await stage.open(CLIENTS.password, {
    grant: 'password',
    username: USERS.ada.username,
    password: isProvoked ? 'another one' : USERS.ada.password,
  });
  return client.tryToken();
}

export default requirement({
  rule: 'A refused password is not sent again: three tries lock an account.',
  sources: ['RFC 6749, sections 4.3.2 and 5.2'],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['password'],
      // The third answers access_denied.
      servers: ['keycloak', 'django-oauth-toolkit'],
      flow: withPassword,
      twin: (outcome) => must(outcome.outcome === 'ok', 'a token', outcome),
      judge(outcome, stage) {
        must(stage.tokenRequests.length === 1, 'one token request', stage.tokenRequests.length);
        must(
          outcome.outcome === 'error' && outcome.error.class === 'invalid_grant',
          'invalid_grant',
          outcome,
        );
      },
    }),
  },
});
