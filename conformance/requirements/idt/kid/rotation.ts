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
async function logInTwice(stage: Stage, between?: () => Promise<void>) {
  const client = await stage.openLogin();
  await loggedIn(client);
  await between?.();
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

function fetchesOfKeys(stage: Stage): number {
  return stage.wire.filter(({ endpoint }) => endpoint === 'jwks').length;
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
  const fetches = fetchesOfKeys(stage);
  must(fetches === needed, `${needed} requests for the keys`, fetches);
}

const JUNK_LOGINS = 3;

/** Several logins of one client, all with an ID token of a key that nobody knows; unprovoked it is one login. */
async function logInWithJunk(stage: Stage, isProvoked: boolean) {
  const client = await stage.openLogin();
  if (isProvoked) for (let nth = 1; nth < JUNK_LOGINS; nth++) await login(client);
  const { outcome } = await login(client);
  return outcome;
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
        mustLogIn(await logInTwice(stage));
        mustFetchWhatIsNeeded(stage);
      },
    }),
    b: provoked({
      needs: NEEDS,
      faults: [{ on: { endpoint: 'token' }, forge: { signature: 'unknown' } }],
      flow: logInWithJunk,
      twin: mustLogIn,
      // Whether they are refused is `idt.sig.bad`.
      judge(_, stage) {
        reach(stage.grants.length === JUNK_LOGINS, `${JUNK_LOGINS} logins`, stage.grants.length);
        const fetches = fetchesOfKeys(stage);
        must(fetches <= 2, 'the keys, and once more at most', fetches);
      },
    }),
  },
});
