import {
  OPENID_SERVERS,
  type ProvokedCase,
  provoked,
  requirement,
} from '../../../src/requirements/requirement.ts';
import { loggedIn } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { bearer, form, jsonBody } from '../../../src/wire/exchange.ts';
import type { Fault } from '../../../src/wire/fault.ts';
import type { Forgery } from '../../../src/wire/token-forge.ts';

const NEEDS = ['authorization_code', 'openid', 'refresh'] as const;
const REFRESH = { endpoint: 'token', grant: 'refresh_token' } as const;
const WITHOUT: Fault['change'] = { json: { id_token: undefined } };

/** A login, and two refreshes after it, if this is not the login alone; each time the tokens are used. */
async function loginAndGoOn(stage: Stage, refreshing = true) {
  const client = await stage.openLogin();
  await loggedIn(client);
  const use = async () => [await client.tryUserInfo(), await client.tryCall()];
  const renewAndUse = async () => ({
    renewed: await client.tryToken({ force_refresh: true }),
    used: await use(),
  });
  const login = await use();
  return { login, refreshes: refreshing ? [await renewAndUse(), await renewAndUse()] : [] };
}
type Seen = Awaited<ReturnType<typeof loginAndGoOn>>;

const refreshing = (stage: Stage) => loginAndGoOn(stage);

/** The unprovoked flow of (b) has no refresh in it: a client that is at odds with the refreshes of this very server breaks the rule, too. */
const refreshingIfProvoked = (stage: Stage, isProvoked: boolean) => loginAndGoOn(stage, isProvoked);

function mustGoOn({ login, refreshes }: Seen): void {
  const outcomes = [...login, ...refreshes.flatMap(({ renewed, used }) => [renewed, ...used])];
  const failed = outcomes.find(({ outcome }) => outcome !== 'ok');
  must(failed === undefined, 'tokens that work at UserInfo and at the API', failed);
}

/** @param nth the refresh, counted from 1, whose answer had to be thrown away. */
function mustVoid({ refreshes }: Seen, stage: Stage, nth: number): void {
  const answered = stage.refreshes[nth - 1];
  const body = jsonBody(answered?.response);
  reach(
    answered !== undefined && typeof body?.['id_token'] === 'string',
    'a refresh that brings an ID token',
    'none',
  );
  const outcome = refreshes[nth - 1]?.renewed;
  must(
    outcome?.outcome === 'error' && outcome.error.class === 'invalid_id_token',
    'invalid_id_token',
    outcome,
  );
  const earlier = stage.tokenRequests
    .slice(0, stage.tokenRequests.indexOf(answered))
    .map(({ response }) => jsonBody(response));
  // A server may give again what it has given before.
  const isNew = (name: string): boolean => earlier.every((other) => other?.[name] !== body[name]);
  const calls = stage.wire.filter(({ request }) => bearer(request) === body['access_token']);
  must(
    calls.length === 0 || !isNew('access_token'),
    'no use of the access token that came with it',
    `${calls.length} requests with it`,
  );
  const sent = stage.refreshes.map(({ request }) => form(request).get('refresh_token'));
  must(
    !sent.includes(String(body['refresh_token'])) || !isNew('refresh_token'),
    'no use of the refresh token that came with it',
    'a refresh with it',
  );
}

function refusing(claims: NonNullable<Forgery['claims']>): ProvokedCase<never> {
  return provoked({
    needs: NEEDS,
    servers: OPENID_SERVERS,
    faults: [{ on: { ...REFRESH, nth: [1] }, forge: { claims } }],
    flow: refreshing,
    twin: mustGoOn,
    judge: (seen, stage) => mustVoid(seen, stage, 1),
  });
}

function taking(fault: Pick<Fault, 'change' | 'forge'>): ProvokedCase<never> {
  return provoked({
    needs: NEEDS,
    servers: OPENID_SERVERS,
    faults: [{ on: REFRESH, ...fault }],
    flow: refreshingIfProvoked,
    twin: mustGoOn,
    judge(seen, stage) {
      reach(stage.refreshes.length > 0, 'a refresh', 'none');
      mustGoOn(seen);
    },
  });
}

export default requirement({
  rule:
    'A refreshed ID token of another issuer, about somebody else, for another audience or with another nonce than at the login voids the whole answer (a); without an ID token, ' +
    'or without a nonce in it, a refresh is as good as with one, and the login is still whose it was (b).',
  sources: ['OpenID Connect Core 1.0, section 12.2'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    'a-iss': refusing(({ iss }) => ({ iss: `${String(iss)}1` })),
    'a-sub': refusing(({ sub }) => ({ sub: `${String(sub)}1` })),
    'a-nonce': refusing(() => ({ nonce: 'another' })),
    'a-aud': refusing(() => ({ aud: 'somebody-else' })),
    // The ID token of the login is remembered across a refresh that brings none.
    'a-later': provoked({
      needs: NEEDS,
      servers: OPENID_SERVERS,
      faults: [
        { on: { ...REFRESH, nth: [1] }, change: WITHOUT },
        {
          on: { ...REFRESH, nth: [2] },
          forge: { claims: ({ sub }) => ({ sub: `${String(sub)}1` }) },
        },
      ],
      flow: refreshing,
      twin: mustGoOn,
      judge(seen, stage) {
        const first = seen.refreshes[0]?.renewed;
        must(first?.outcome === 'ok', 'a refresh without an ID token that is taken', first);
        mustVoid(seen, stage, 2);
      },
    }),
    b: taking({ change: WITHOUT }),
    'b-nonce': taking({ forge: { claims: () => ({ nonce: undefined }) } }),
  },
});
