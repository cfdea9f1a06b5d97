import { createHash } from 'node:crypto';
import {
  DJANGO_SERVERS,
  plain,
  type ProvokedCase,
  provoked,
  requirement,
} from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { loginAndAsk, mustAccept, forging } from '../../src/trial/id-tokens.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { bearer, form, jsonBody } from '../../src/wire/exchange.ts';
import type { Fault, FaultyAnswer } from '../../src/wire/fault.ts';

// Three parts, as a JWT has, of characters that RFC 6750, section 2.1 lets into a header; none of the parts can be decoded.
const OPAQUE = { access_token: '~~not.a.jwt', refresh_token: '~~neither.is.this' };
const PAST = 1_000_000_000;
const FUTURE = 4_102_444_800;
const LONG_S = 1_800;
const SHORT_S = 2;
const FIRST = { endpoint: 'token', nth: [1] } as const;

/** Looks like the JWT of another issuer about somebody else, which lives for half an hour until `exp`. */
function jwt(exp: number): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const whose = { iss: 'https://elsewhere.example', sub: 'somebody-else', scope: 'admin' };
  const claims = { ...whose, iat: exp - LONG_S, exp };
  return `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}.bm8tc2lnbmF0dXJl`;
}

function json(body: object): FaultyAnswer {
  const headers = { 'Content-Type': 'application/json' };
  return { status: 200, headers, body: JSON.stringify(body) };
}

const CATALOGS = json({ catalogs: [] });

async function useAndRefresh(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  const token = await client.tryToken();
  const calls = [await client.tryCall(), await client.tryCall()];
  const before = stage.tokenRequests.length;
  const renewed = await client.tryToken({ force_refresh: true });
  return { outcomes: [token, ...calls, renewed, await client.tryCall()], before };
}

/** Each token went, as it was issued, to where it belongs, and lived as long as the server said. */
function mustUseAsIssued(
  { outcomes, before }: Awaited<ReturnType<typeof useAndRefresh>>,
  stage: Stage,
): void {
  const failed = outcomes.find(({ outcome }) => outcome !== 'ok');
  must(failed === undefined, 'tokens, API calls and a refresh', failed);
  must(before === 1, 'one token request for the first calls', before);
  const [issue, refresh, ...more] = stage.tokenRequests;
  const issued = jsonBody(issue?.response);
  const renewed = jsonBody(refresh?.response);
  must(
    stage.refreshes.length === 1 && more.length === 0,
    'one refresh',
    `${stage.refreshes.length} refreshes, ${stage.grants.length} grants`,
  );
  const sent = refresh && form(refresh.request).get('refresh_token');
  must(sent === issued?.['refresh_token'], 'the very refresh token that was issued', 'another one');
  const expected = [issued, issued, renewed].map((body) => body?.['access_token']);
  const seen = stage.apiRequests.map(({ request }) => bearer(request));
  must(
    seen.length === expected.length && seen.every((token, index) => token === expected[index]),
    'the very access tokens that were issued in the calls',
    'others',
  );
}

/**
 * The server's answer has other tokens in it. Whoever would refuse these (the API the access token, the token endpoint the refresh token) is not asked;
 * what comes after the refresh is the server's own where the refresh token is.
 */
function instead(tokens: { access_token?: string; refresh_token?: string }): ProvokedCase<never> {
  const lives = { expires_in: LONG_S, refresh_expires_in: LONG_S };
  const next = { ...OPAQUE, token_type: 'Bearer', ...lives };
  const refreshed: Fault[] = [
    { on: { endpoint: 'token', grant: 'refresh_token' }, answer: json(next) },
    { on: { endpoint: 'api', token: 2 }, answer: CATALOGS },
  ];
  return provoked({
    needs: ['client_credentials', 'refresh'],
    faults: [
      { on: FIRST, change: { json: { ...lives, ...tokens } } },
      ...(tokens.access_token
        ? [{ on: { endpoint: 'api', token: 1 }, answer: CATALOGS } as const]
        : []),
      ...(tokens.refresh_token ? refreshed : []),
    ],
    flow: useAndRefresh,
    twin: mustUseAsIssued,
    judge(seen, stage) {
      const issued = jsonBody(stage.tokenRequests[0]?.response);
      const there = Object.entries(tokens).every(([name, token]) => issued?.[name] === token);
      reach(there, 'a token response with these tokens', stage.tokenRequests.length);
      mustUseAsIssued(seen, stage);
    },
  });
}

async function callWhenOver(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  const sentAt = stage.tokenRequests[0]?.at ?? 0;
  await stage.pause(Math.max(0, sentAt + SHORT_S * 1_000 + 300 - stage.now));
  return client.tryCall();
}

/** @param refreshes how many refreshes there have to be before the call: none where the refresh token is past its life, too. */
function overSoon(more: Readonly<Record<string, unknown>>, refreshes: 0 | 1): ProvokedCase<never> {
  return provoked({
    needs: ['client_credentials', 'refresh'],
    waits: SHORT_S + 1,
    faults: [
      { on: FIRST, change: { json: { access_token: jwt(FUTURE), expires_in: SHORT_S, ...more } } },
    ],
    flow: callWhenOver,
    twin: (call) => must(call.outcome === 'ok' && call.status === 200, 'an API call', call),
    judge(call, stage) {
      const stale = stage.apiRequests.some(({ request }) => bearer(request) === jwt(FUTURE));
      must(!stale, 'no call with a token that is past its expires_in', 'one');
      const seen = `${stage.refreshes.length} refreshes, ${stage.grants.length} grants`;
      must(stage.refreshes.length === refreshes, `${refreshes} refreshes`, seen);
      must(stage.tokenRequests.length === 2, 'one renewal', seen);
      must(call.outcome === 'ok' && call.status === 200, 'an API call', call);
    },
  });
}

const PERSON = 'the-person-of-the-id-token';
// The left half of the digest (OpenID Connect Core 1.0, section 3.1.3.6), so that nothing is wrong with the ID token.
const digest = createHash('sha256').update(jwt(PAST)).digest().subarray(0, 16);
const idTokenFor = { sub: PERSON, at_hash: digest.toString('base64url') };

export default requirement({
  rule:
    'Access and refresh tokens are opaque to the client: they are used as they came, whatever they look like (a); how long they live (b), who the user ' +
    'is and what was granted (c) is not read from them.',
  sources: ['RFC 6749, sections 1.4 and 1.5', 'RFC 9068, section 6'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    'a-access': instead({ access_token: OPAQUE.access_token }),
    'a-refresh': instead({ refresh_token: OPAQUE.refresh_token }),
    // Their tokens are no JWTs.
    'a-server': plain({
      needs: ['client_credentials', 'refresh'],
      servers: DJANGO_SERVERS,
      run: async (stage) => mustUseAsIssued(await useAndRefresh(stage), stage),
    }),
    'b-past': instead({ access_token: jwt(PAST) }),
    'b-past-refresh': instead({ refresh_token: jwt(PAST) }),
    'b-future': overSoon({}, 1),
    'b-future-refresh': overSoon({ refresh_token: jwt(FUTURE), refresh_expires_in: SHORT_S }, 0),
    c: provoked({
      needs: ['authorization_code', 'openid'],
      faults: [
        {
          on: { endpoint: 'token', grant: 'authorization_code' },
          change: { json: { access_token: jwt(PAST), scope: undefined } },
        },
        ...forging({ claims: () => idTokenFor }),
        { on: { endpoint: 'userinfo' }, answer: json({ sub: PERSON }) },
      ],
      flow: loginAndAsk,
      twin: mustAccept,
      judge(seen, stage) {
        mustAccept(seen);
        const { outcome, userInfo } = seen;
        must(
          outcome.outcome === 'ok' && !outcome.scope.includes('admin'),
          'the scopes that were asked for, since the answer names none',
          outcome,
        );
        must(
          userInfo?.outcome === 'ok' && userInfo.claims['sub'] === PERSON,
          'claims about the person of the ID token',
          userInfo,
        );
        const sent = stage.userInfoRequests.map(({ request }) => bearer(request));
        must(sent[0] === jwt(PAST), 'the very access token at UserInfo', 'another one');
      },
    }),
  },
});
