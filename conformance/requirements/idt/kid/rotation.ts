import { decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { plain, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { loggedIn, login } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { type Exchange, jsonBody } from '../../../src/wire/exchange.ts';

const NEEDS = ['authorization_code', 'openid'] as const;
const GIVEN = { realm: 'korusticket-new-keys' } as const;
const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });

/** Two logins of one client; between them the realm gets a key to sign with. */
async function logInTwice(stage: Stage, isProvoked: boolean) {
  const client = await stage.openLogin();
  await loggedIn(client);
  if (isProvoked) await stage.rotateKeys();
  const { outcome } = await login(client);
  return outcome;
}
type Seen = Awaited<ReturnType<typeof logInTwice>>;

/** The key of the ID token in an answer. */
function keyOf({ response }: Exchange): string | undefined {
  const idToken = jsonBody(response)?.['id_token'];
  return typeof idToken === 'string' ? decodeProtectedHeader(idToken).kid : undefined;
}

/** How often the keys have to be fetched. Trials beside this one give the realm new keys too. */
function fetchesNeeded(wire: readonly Exchange[]): number {
  const listed = new Set<string>();
  let needed = 0;
  for (const exchange of wire) {
    const kid = keyOf(exchange);
    if (kid !== undefined && !listed.has(kid)) needed++;
    if (exchange.endpoint === 'jwks')
      for (const key of keySet.parse(jsonBody(exchange.response)).keys) listed.add(key.kid);
  }
  return needed;
}

function mustLogIn(outcome: Seen): void {
  must(outcome.outcome === 'ok', 'a second login', outcome);
}

function mustFetchWhatIsNeeded(stage: Stage): void {
  const needed = fetchesNeeded(stage.wire);
  const fetches = stage.wire.filter(({ endpoint }) => endpoint === 'jwks').length;
  must(fetches === needed, `${needed} requests for the keys`, fetches);
}

export default requirement({
  rule: "The issuer's keys are kept, and fetched once more when an ID token is signed with one that is not among them.",
  sources: ['OpenID Connect Core 1.0, section 10.1.1'],
  level: 'SHOULD',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: NEEDS,
      given: GIVEN,
      flow: logInTwice,
      twin: mustLogIn,
      judge(outcome, stage) {
        const [first, second] = stage.grants.map(keyOf);
        reach(second !== undefined && second !== first, 'an ID token with another key', second);
        mustLogIn(outcome);
        mustFetchWhatIsNeeded(stage);
      },
    }),
    'a-known': plain({
      needs: NEEDS,
      given: GIVEN,
      async run(stage) {
        mustLogIn(await logInTwice(stage, false));
        mustFetchWhatIsNeeded(stage);
      },
    }),
  },
});
