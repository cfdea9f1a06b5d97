import { describe, expect, test } from 'vitest';
import { revokeToken, revokeTokens } from '../src/revocation.ts';
import { Secret, TokenSecret } from '../src/secret.ts';
import { errorOf, serve, type TestRequest, transport } from './openid_fixture.ts';

interface Reply {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const basic = { clientId: 'korus-web', clientSecret: new Secret('s:1'), method: 'basic' } as const;
const refreshToken = new TokenSecret('rt-1');
const accessToken = new TokenSecret('at-1');

async function revoking(reply: (form: URLSearchParams) => Reply) {
  const server = await serve((request, response) => {
    const { status = 200, headers = {}, body = '' } = reply(formOf(request));
    response.writeHead(status, headers).end(body);
  });
  const forms = () => server.requests.map((request) => Object.fromEntries(formOf(request)));
  return Object.assign(server, { forms, endpoint: server.url('/revoke') });
}

const formOf = ({ body }: TestRequest) => new URLSearchParams(body);

async function refusal(reply: Reply) {
  await using server = await revoking(() => reply);
  return await errorOf(
    revokeToken(server.endpoint, refreshToken, 'refresh_token', basic, transport),
  );
}

describe('revokeToken()', () => {
  test('what the server quotes of the request is masked', async () => {
    const basicHeader = btoa('korus-web:s%3A1');
    const error = await refusal({
      status: 400,
      body: JSON.stringify({
        error: 'invalid_request',
        error_description: `unknown token rt-1, s:1, ${basicHeader}`,
      }),
    });
    expect(error.message).toContain('unknown token');
    for (const secret of ['rt-1', 's:1', basicHeader]) expect(error.message).not.toContain(secret);
  });

  test('posts the token in a form, authenticated', async () => {
    await using server = await revoking(() => ({}));
    await revokeToken(server.endpoint, refreshToken, 'refresh_token', basic, transport);
    const [request] = server.requests;
    expect([request?.message.method, request?.message.url]).toEqual(['POST', '/revoke']);
    expect(request?.message.headers.authorization).toBe(`Basic ${btoa('korus-web:s%3A1')}`);
    expect(request?.message.headers['content-type']).toContain('application/x-www-form-urlencoded');
    expect(server.forms()).toEqual([{ token: 'rt-1', token_type_hint: 'refresh_token' }]);
  });

  test('a public client names itself in the form', async () => {
    await using server = await revoking(() => ({}));
    const client = { clientId: 'native', clientSecret: undefined, method: 'none' } as const;
    await revokeToken(server.endpoint, accessToken, 'access_token', client, transport);
    expect(server.forms()).toEqual([
      { token: 'at-1', token_type_hint: 'access_token', client_id: 'native' },
    ]);
  });

  test.each(['', '<html>', '{"error":"invalid_token","error_description":"Invalid token"}'])(
    'HTTP 200 is success, with %j',
    async (body) => {
      await using server = await revoking(() => ({ body }));
      await revokeToken(server.endpoint, refreshToken, 'refresh_token', basic, transport);
      expect(server.requests).toHaveLength(1);
    },
  );

  test.each([
    [400, 'unsupported_token_type', 'config_error'],
    [400, 'invalid_request', 'config_error'],
    [400, 'invalid_client', 'invalid_client'],
    [401, 'unauthorized_client', 'invalid_client'],
    [400, 'constructor', 'invalid_response'],
    [404, undefined, 'invalid_response'],
    [302, undefined, 'invalid_response'],
    [429, undefined, 'rate_limited'],
    [503, undefined, 'unavailable'],
    [503, 'invalid_client', 'unavailable'],
  ])('HTTP %i with error %s is %s', async (status, error, errorClass) => {
    const headers = { 'Retry-After': '7', Location: '/elsewhere' };
    const refused = await refusal({ status, headers, body: JSON.stringify({ error }) });
    expect(refused).toMatchObject({ class: errorClass, httpStatus: status, retryAfter: 7 });
    expect(refused.oauthError).toBe(error);
    expect(refused.message).toContain('the token may still be good');
    expect(refused.message).not.toContain('rt-1');
  });
});

describe('revokeTokens()', () => {
  test('the refresh token goes first', async () => {
    await using server = await revoking(() => ({}));
    await revokeTokens(server.endpoint, { accessToken, refreshToken }, basic, transport);
    expect(server.forms().map((form) => form['token'])).toEqual(['rt-1', 'at-1']);
  });

  test('what there is not is not sent', async () => {
    await using server = await revoking(() => ({}));
    await revokeTokens(server.endpoint, {}, basic, transport);
    await revokeTokens(server.endpoint, { accessToken }, basic, transport);
    expect(server.forms().map((form) => form['token'])).toEqual(['at-1']);
  });

  test('the access token is revoked although the refresh token could not be, and the failure is told', async () => {
    await using server = await revoking((form) => ({
      status: form.get('token_type_hint') === 'refresh_token' ? 503 : 200,
    }));
    const tokens = { accessToken, refreshToken };
    const error = await errorOf(revokeTokens(server.endpoint, tokens, basic, transport));
    expect(error.class).toBe('unavailable');
    expect(server.requests).toHaveLength(2);
  });

  test('a failure to revoke the access token alone is told too', async () => {
    await using server = await revoking((form) => ({
      status: form.get('token_type_hint') === 'access_token' ? 400 : 200,
      body: '{"error":"unsupported_token_type"}',
    }));
    const tokens = { accessToken, refreshToken };
    const error = await errorOf(revokeTokens(server.endpoint, tokens, basic, transport));
    expect(error).toMatchObject({ class: 'config_error', oauthError: 'unsupported_token_type' });
  });
});
