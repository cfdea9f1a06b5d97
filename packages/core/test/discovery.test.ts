import { expect, test } from 'vitest';
import { discover } from '../src/discovery.ts';
import { exchange, type Transport } from '../src/exchange.ts';
import { TokenClient } from '../src/index.ts';
import { Server } from './fixtures/servers.ts';

/** A transport that answers with these metadata, and notes where they were looked for. */
function serving(body: unknown, status = 200) {
  const asked: string[] = [];
  const transport: Transport = (url) => {
    asked.push(url.href);
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return Promise.resolve({ status, text, headers: new Headers() });
  };
  return { asked, transport };
}

const metadata = (issuer: string, more = {}) => ({
  issuer,
  token_endpoint: `${issuer}/token`,
  ...more,
});

test.each([
  ['https://id.example', 'https://id.example/.well-known/openid-configuration'],
  ['https://id.example/', 'https://id.example/.well-known/openid-configuration'],
  ['https://id.example/realms/r', 'https://id.example/realms/r/.well-known/openid-configuration'],
  ['https://id.example/realms/r/', 'https://id.example/realms/r/.well-known/openid-configuration'],
])('the metadata of %s are at %s', async (issuer, url) => {
  const { asked, transport } = serving(metadata(issuer));
  await discover(issuer, transport);
  expect(asked).toEqual([url]);
});

test('the place of RFC 8414 is looked at if it is named, and no other one is guessed', async () => {
  const issuer = 'https://id.example/realms/r';
  const { asked, transport } = serving(metadata(issuer));
  await discover(issuer, transport, 'oauth-authorization-server');
  const missing = serving('not found', 404);
  await expect(discover(issuer, missing.transport)).rejects.toMatchObject({
    class: 'metadata_error',
    httpStatus: 404,
  });
  expect(asked).toEqual(['https://id.example/.well-known/oauth-authorization-server/realms/r']);
  expect(missing.asked).toHaveLength(1);
});

test.each([
  ['another issuer', metadata('https://evil.example')],
  ['a final slash more (panva/openid-client#737)', metadata('https://id.example/')],
  ['no issuer', { token_endpoint: 'https://id.example/token' }],
  [
    'an endpoint without TLS',
    metadata('https://id.example', { token_endpoint: 'http://id.example/t' }),
  ],
  [
    'an endpoint on loopback',
    metadata('https://id.example', { jwks_uri: 'http://127.0.0.1/jwks' }),
  ],
  ['an endpoint that is no URL', metadata('https://id.example', { token_endpoint: 7 })],
  ['an array', []],
  ['HTML', '<html>'],
])('%s is refused', async (_, body) => {
  const { transport } = serving(body);
  await expect(discover('https://id.example', transport)).rejects.toMatchObject({
    class: 'metadata_error',
  });
});

test('unknown and missing members do no harm', async () => {
  const { transport } = serving(metadata('https://id.example', { extra: [1, { a: null }] }));
  expect(await discover('https://id.example', transport)).toMatchObject({
    tokenUrl: new URL('https://id.example/token'),
    authorizeUrl: undefined,
    clientAuthMethods: undefined,
    issuerInCallback: false,
  });
});

test('an outage is told as one, with the pause that the server wants', async () => {
  const transport: Transport = () =>
    Promise.resolve({ status: 503, text: '', headers: new Headers({ 'Retry-After': '7' }) });
  await expect(discover('https://id.example', transport)).rejects.toMatchObject({
    class: 'metadata_error',
    retryable: true,
    retryAfter: 7,
  });
  const { transport: missing } = serving('not found', 404);
  await expect(discover('https://id.example', missing)).rejects.toMatchObject({ retryable: false });
});

test('metadata over 1 MiB are a metadata_error', async () => {
  await using server = await Server.start(() => ({ body: 'x'.repeat(1024 * 1024 + 1) }));
  await expect(discover(server.origin, exchange)).rejects.toMatchObject({
    class: 'metadata_error',
    message: expect.stringContaining('over 1 MiB') as string,
  });
});

test('of two issuers that differ both are named (kafka-ui#4208, keycloak#29783)', async () => {
  const { transport } = serving(metadata('http://keycloak:8080/realms/r'));
  await expect(discover('https://id.example/realms/r', transport)).rejects.toThrow(
    'expected "https://id.example/realms/r", seen "http://keycloak:8080/realms/r"',
  );
});

test('after a failure the next call asks again', async () => {
  let isDown = true;
  await using server = await Server.start(({ path }) => {
    if (path === '/token') return issued;
    return isDown ? { status: 500 } : { body: metadata(server.origin) };
  });
  const issued = { body: { access_token: 'AT1', token_type: 'Bearer' } };
  const client = new TokenClient({ issuer: server.origin, clientId: 'id', clientSecret: 'secret' });
  await expect(client.getToken()).rejects.toMatchObject({ class: 'metadata_error' });
  isDown = false;
  expect((await client.getToken()).accessToken.reveal()).toBe('AT1');
});

test('where the metadata list post and not Basic, the secret goes into the form', async () => {
  await using server = await Server.start(({ path }) =>
    path === '/token'
      ? { body: { access_token: 'AT1', token_type: 'Bearer' } }
      : {
          body: metadata(server.origin, {
            token_endpoint_auth_methods_supported: ['client_secret_post'],
          }),
        },
  );
  const settings = { issuer: server.origin, clientId: 'id', clientSecret: 'secret' };
  await new TokenClient(settings).getToken();
  await new TokenClient({ ...settings, clientAuth: 'basic' }).getToken();
  const asked = server.seen.filter(({ path }) => path === '/token');
  expect(asked.map(({ headers }) => headers.authorization?.split(' ')[0])).toEqual([
    undefined,
    'Basic',
  ]);
  expect(new URLSearchParams(asked[0]?.body).get('client_secret')).toBe('secret');
});
