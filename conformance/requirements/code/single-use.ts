import { plain, provoked, requirement } from '../../src/requirements/requirement.ts';
import { loggedIn, login } from '../../src/trial/logins.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { VirtualUser } from '../../src/user/virtual-user.ts';
import { USERS } from '../../src/trial/clients.ts';
import { must } from '../../src/verdict/verdict.ts';

const once = async (stage: Stage) => login(await stage.openLogin());
type Seen = Awaited<ReturnType<typeof once>>;

const worked = ({ outcome }: Seen) => must(outcome.outcome === 'ok', 'a login', outcome);

function mustAskOnce(stage: Stage): void {
  must(stage.grants.length === 1, 'one token request for the code', stage.grants.length);
}

export default requirement({
  rule: 'A code is exchanged once, whatever becomes of the exchange, and its state is spent with it.',
  sources: ['RFC 6749, section 4.1.2', 'RFC 9700, section 4.2.4'],
  level: 'MUST',
  tier: 'core',
  cases: {
    'a-reset': provoked({
      needs: ['authorization_code'],
      faults: [{ on: { endpoint: 'token' }, breaks: 'reset' }],
      flow: once,
      twin: worked,
      judge({ outcome }, stage) {
        mustAskOnce(stage);
        must(outcome.outcome === 'error' && outcome.error.class === 'network', 'network', outcome);
      },
    }),
    'a-503': provoked({
      needs: ['authorization_code'],
      faults: [
        { on: { endpoint: 'token' }, answer: { status: 503, headers: { 'Retry-After': '0' } } },
      ],
      flow: once,
      twin: worked,
      judge({ outcome }, stage) {
        mustAskOnce(stage);
        must(
          outcome.outcome === 'error' && outcome.error.class === 'unavailable',
          'unavailable',
          outcome,
        );
      },
    }),
    'b-callback': plain({
      needs: ['authorization_code'],
      async run(stage) {
        const { callback } = await loggedIn(await stage.openLogin());
        // Nobody listens there any more, or somebody who says no.
        const again = await new VirtualUser(USERS.ada).tryVisit(callback);
        must(
          again === undefined || again.status >= 400,
          'a repeated callback that is refused',
          again?.status,
        );
        mustAskOnce(stage);
      },
    }),
    'b-finish': plain({
      needs: ['authorization_code'],
      async run(stage) {
        const client = await stage.openLogin();
        const { callback } = await loggedIn(client);
        const again = await client.tryFinishLogin(callback.href);
        must(
          again.outcome === 'error' &&
            ['login_required', 'state_mismatch'].includes(again.error.class),
          'login_required or state_mismatch',
          again,
        );
        mustAskOnce(stage);
      },
    }),
  },
});
