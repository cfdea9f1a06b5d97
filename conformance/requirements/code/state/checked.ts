import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { endOf, loginUpToCallback } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

const FORGED_CODE = 'forged-code';

/** A person pastes the callback, which somebody has changed. */
function pasted(change: (parameters: URLSearchParams) => void) {
  return async (stage: Stage, isProvoked: boolean) => {
    const client = await stage.openLogin();
    const { callback } = await loginUpToCallback(client);
    if (isProvoked) change(callback.searchParams);
    return client.tryFinishLogin(callback.href);
  };
}
type Seen = Awaited<ReturnType<ReturnType<typeof pasted>>>;

const worked = (outcome: Seen) => must(outcome.outcome === 'ok', 'a login', outcome);

function refused(outcome: Seen, stage: Stage): void {
  must(stage.tokenRequests.length === 0, 'no token request', `${stage.tokenRequests.length}`);
  must(
    outcome.outcome === 'error' && outcome.error.class === 'state_mismatch',
    'state_mismatch',
    outcome,
  );
}

/** Somebody else calls the listener first, with a code and a state of his own. */
async function besieged(stage: Stage, isProvoked: boolean) {
  const client = await stage.openLogin();
  const { callback, user } = await loginUpToCallback(client);
  const finishing = client.tryFinishLogin();
  const forged = new URL(callback);
  forged.searchParams.set('code', FORGED_CODE);
  forged.searchParams.set('state', 'x'.repeat(43));
  const first = isProvoked ? await user.tryVisit(forged) : undefined;
  const page = await user.tryVisit(callback);
  return { outcome: await endOf(client, finishing, page), first };
}

export default requirement({
  rule: "A callback without the login's own state leads to no token request.",
  sources: ['RFC 6749, section 10.12', 'RFC 9700, section 4.7.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['authorization_code'],
      flow: pasted((parameters) => parameters.set('state', 'x'.repeat(43))),
      twin: worked,
      judge: refused,
    }),
    'a-part': provoked({
      needs: ['authorization_code'],
      flow: pasted((parameters) =>
        parameters.set('state', (parameters.get('state') ?? '').slice(0, -1)),
      ),
      twin: worked,
      judge: refused,
    }),
    b: provoked({
      needs: ['authorization_code'],
      flow: pasted((parameters) => parameters.delete('state')),
      twin: worked,
      judge: refused,
    }),
    'a-listener': provoked({
      needs: ['authorization_code'],
      flow: besieged,
      twin: ({ outcome }) => must(outcome.outcome === 'ok', 'a login', outcome),
      judge({ first, outcome }, stage) {
        const codes = stage.grants.map(({ request }) => form(request).get('code'));
        must(!codes.includes(FORGED_CODE), 'no token request with the forged code', codes.length);
        must(
          first === undefined || first.status >= 400,
          'a refusal of the forged callback',
          first?.status,
        );
        // The login may go on or end; both are safe.
        must(
          outcome.outcome === 'ok' || outcome.error.class === 'state_mismatch',
          'a login by the genuine callback, or state_mismatch',
          outcome,
        );
      },
    }),
  },
});
