import { describe, expect, test } from 'vitest';
import { IssuerKeys } from '../src/openid/jwks.ts';
import { requestUserInfo } from '../src/openid/userinfo.ts';
import { TokenSecret } from '../src/secret.ts';
import { CLIENT_ID, errorOf, ISSUER, serve, signer, transport } from './openid_fixture.ts';

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const key = await signer('RS256', 'k');

async function ask({ status = 200, headers = {}, body = '' }: Reply) {
  await using server = await serve((request, response) => {
    if (request.message.url === '/certs') response.end(JSON.stringify({ keys: [key.jwk] }));
    else response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
  });
  const keys = new IssuerKeys(server.url('/certs'), transport);
  const from = { issuer: ISSUER, clientId: CLIENT_ID, keys };
  const token = new TokenSecret('at-1');
  const claims = await requestUserInfo(server.url('/userinfo'), token, 'ada', transport, from);
  return { claims, request: server.requests[0]?.message };
}

const refusal = async (reply: Reply) => errorOf(ask(reply));

describe('requestUserInfo()', () => {
  test('asks with the header alone and gives the claims', async () => {
    const body = { sub: 'ada', email: 'ada@korusticket.test' };
    const { claims, request } = await ask({ body: JSON.stringify(body) });
    expect(claims).toEqual(body);
    expect([request?.method, request?.url]).toEqual(['GET', '/userinfo']);
    expect(request?.headers.authorization).toBe('Bearer at-1');
  });

  test.each(['{"sub":"eve"}', '{}', '{"sub":["ada"]}', '{"sub":null}', '{"sub":"Ada"}'])(
    'refuses %s, without showing who it is',
    async (body) => {
      const error = await refusal({ body });
      expect(error.class).toBe('invalid_userinfo');
      expect(error.message).not.toContain('eve');
    },
  );

  test.each(['', '[]', '"ada"', 'null', '<html>', '{"sub":"ada"'])(
    '%j is no answer',
    async (body) => {
      expect((await refusal({ body })).class).toBe('invalid_response');
    },
  );

  test('a server that quotes the token does not bring it into the error', async () => {
    const challenge = 'Bearer error="invalid_token", error_description="at-1 is over"';
    const error = await refusal({ status: 401, headers: { 'WWW-Authenticate': challenge } });
    expect(error.oauthDescription).toMatch(/^\*\*\*.* is over$/);
    expect(error.message).not.toContain('at-1');
  });

  test('Keycloak and django-oidc-provider refuse a token', async () => {
    const keycloak = await refusal({
      status: 401,
      headers: {
        'WWW-Authenticate':
          'Bearer realm="korusticket", error="invalid_token", error_description="user_session_not_found"',
      },
    });
    expect(keycloak).toMatchObject({
      class: 'unauthorized',
      oauthError: 'invalid_token',
      oauthDescription: 'user_session_not_found',
      httpStatus: 401,
    });
    expect(keycloak.hint).toContain('the session is over');
    const django = await refusal({
      status: 403,
      headers: {
        'WWW-Authenticate':
          'error="insufficient_scope", error_description="The request requires higher privileges than provided by the access token"',
      },
    });
    expect(django).toMatchObject({ class: 'forbidden', oauthError: 'insufficient_scope' });
    expect(django.hint).toContain('openid');
  });

  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [429, 'rate_limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [404, 'invalid_response'],
    [302, 'invalid_response'],
    [204, 'invalid_response'],
  ])('calls HTTP %i %s', async (status, errorClass) => {
    const headers = { 'Retry-After': '7', Location: '/elsewhere' };
    const error = await refusal({ status, headers });
    expect([error.class, error.httpStatus, error.retryAfter]).toEqual([errorClass, status, 7]);
  });

  test('keeps the scope that is asked for', async () => {
    const headers = {
      'WWW-Authenticate': 'Bearer error="insufficient_scope", scope="openid email"',
    };
    expect((await refusal({ status: 403, headers })).requiredScope).toBe('openid email');
  });
});

describe('requestUserInfo(): signed', () => {
  const JWT = { 'Content-Type': 'Application/JWT; charset=utf-8' };
  const good = { iss: ISSUER, aud: CLIENT_ID, sub: 'ada', email: 'ada@korusticket.test' };

  test('verifies and gives the claims', async () => {
    const { claims } = await ask({ headers: JWT, body: await key.sign(good) });
    expect(claims).toEqual(good);
  });

  test.each([
    ['iss', { iss: `${ISSUER}/` }],
    ['iss', { iss: undefined }],
    ['aud', { aud: 'other' }],
    ['aud', { aud: undefined }],
    ['sub', { sub: 'eve' }],
  ])('refuses a wrong %s %j', async (claim, change) => {
    const body = await key.sign({ ...good, ...change });
    const error = await refusal({ headers: JWT, body });
    expect(error.class).toBe('invalid_userinfo');
    expect(error.message).toContain(claim);
  });

  test('refuses a foreign key, no signature, and plain JSON that calls itself a JWT', async () => {
    const foreign = await signer('RS256', 'k');
    const payload = Buffer.from(JSON.stringify(good)).toString('base64url');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    for (const body of [await foreign.sign(good), none, JSON.stringify(good)]) {
      expect((await refusal({ headers: JWT, body })).class).toBe('invalid_userinfo');
    }
  });
});
