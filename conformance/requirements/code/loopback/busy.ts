import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { whilePortIsTaken } from '../../../src/trial/taken-port.ts';
import { must } from '../../../src/verdict/verdict.ts';

/** A login on any free port; or on one on which another program listens, which it may not take from it nor leave for another. */
async function startLogin(stage: Stage, isProvoked: boolean) {
  if (!isProvoked) return (await stage.openLogin()).tryStartLogin();
  return whilePortIsTaken(async (port) =>
    (await stage.openLogin(CLIENTS.native, { redirect_port: port })).tryStartLogin(),
  );
}

export default requirement({
  rule: 'A login for whose redirect URI a port is set does not begin if another program has that port: config_error.',
  sources: ['RFC 8252, section 7.3', 'docs/client.md, Logging a person in'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['authorization_code'],
      flow: startLogin,
      twin: (started) => must(started.outcome === 'ok', 'an authorization URL', started),
      judge: (started) =>
        must(
          started.outcome === 'error' && started.error.class === 'config_error',
          'config_error',
          started,
        ),
    }),
  },
});
