import { EVERY_SERVER, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { login } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';

// Nothing is waited for, but a busy machine may take seconds for what is at once on another.
const QUICK_MS = 8_000;

async function consent(stage: Stage, isProvoked: boolean) {
  const client = await stage.openLogin(CLIENTS.consent);
  let leftAt = 0;
  const done = await login(client, {
    user: await stage.newUser(),
    decline: isProvoked,
    edit: () => {
      leftAt = stage.now;
    },
  });
  return { ...done, tookMs: stage.now - leftAt - stage.stalledMs(leftAt, stage.now) };
}

export default requirement({
  rule: 'A refused consent ends the login at once as access_denied, without a token request.',
  sources: ['RFC 6749, section 4.1.2.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['authorization_code'],
      servers: EVERY_SERVER,
      flow: consent,
      twin: ({ outcome }) => must(outcome.outcome === 'ok', 'a login with consent', outcome),
      judge({ outcome, tookMs }, stage) {
        must(stage.tokenRequests.length === 0, 'no token request', `${stage.tokenRequests.length}`);
        must(
          outcome.outcome === 'error' && outcome.error.class === 'access_denied',
          'access_denied',
          outcome,
        );
        must(tookMs < QUICK_MS, `an end within ${QUICK_MS / 1000} s`, `${Math.round(tookMs)} ms`);
      },
    }),
  },
});
