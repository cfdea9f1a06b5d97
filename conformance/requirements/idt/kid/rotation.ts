import { decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import type { TokenOutcome } from '../../../src/adapter/client.ts';
import { plain, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { loggedIn, login } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { type Exchange, jsonBody } from '../../../src/wire/exchange.ts';

const NEEDS = ['authorization_code', 'openid'] as const;
const GIVEN = { realm: 'korusticket-new-keys' } as const;
const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) });

/** Two logins of one client; between them the realm gets a key to sign with. */
async function logInTwice(stage: Stage, between: () => Promise<void>) {
  const client = await stage.openLogin();
  await loggedIn(client);
  await between();
  const { outcome } = await login(client);
  return outcome;
}

/** Unprovoked it is the first login alone: other trials give the realm new keys too, and between two logins of the twin one of them may. */
async function logInAroundNewKeys(stage: Stage, isProvoked: boolean) {
  if (isProvoked) return logInTwice(stage, () => stage.rotateKeys());
  const { outcome } = await login(await stage.openLogin());
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
  must(outcome.outcome === 'ok', 'a login', outcome);
}

function mustFetchWhatIsNeeded(stage: Stage): void {
  const needed = fetchesNeeded(stage.wire);
  const fetches = stage.wire.filter(({ endpoint }) => endpoint === 'jwks').length;
  must(fetches === needed, `${needed} requests for the keys`, fetches);
}

/** Each refresh brings an ID token. */
async function refreshThrice(stage: Stage): Promise<TokenOutcome[]> {
  const client = await stage.openLogin();
  await loggedIn(client);
  const outcomes: TokenOutcome[] = [];
  for (let nth = 1; nth <= 3; nth++) outcomes.push(await client.tryToken({ force_refresh: true }));
  return outcomes;
}

export default requirement({
  rule: "The issuer's keys are kept, and fetched once more when an ID token is signed with one that is not among them (a); junk in its place costs the issuer no request each (b).",
  sources: ['OpenID Connect Core 1.0, section 10.1.1', 'RFC 7515, section 4.1.4'],
  level: 'SHOULD',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: NEEDS,
      given: GIVEN,
      flow: logInAroundNewKeys,
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
        mustLogIn(await logInTwice(stage, async () => {}));
        mustFetchWhatIsNeeded(stage);
      },
    }),
    b: provoked({
      needs: [...NEEDS, 'refresh'],
      faults: [
        { on: { endpoint: 'token', grant: 'refresh_token' }, forge: { signature: 'unknown' } },
      ],
      flow: refreshThrice,
      twin(outcomes) {
        const failed = outcomes.find(({ outcome }) => outcome !== 'ok');
        must(failed === undefined, 'three refreshed tokens', failed);
      },
      judge(outcomes, stage) {
        reach(stage.refreshes.length === 3, 'three refreshes', stage.refreshes.length);
        for (const outcome of outcomes) {
          must(
            outcome.outcome === 'error' && outcome.error.class === 'invalid_id_token',
            'invalid_id_token',
            outcome,
          );
        }
        const fetches = stage.wire.filter(({ endpoint }) => endpoint === 'jwks').length;
        must(fetches <= 2, 'the keys, and once more at most', fetches);
      },
    }),
  },
});
