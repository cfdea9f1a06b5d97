import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { OAuthError, TokenClient } from '../../src/index.ts';
import { bearer, grants, issuing, Server } from '../fixtures/servers.ts';

const CLIENT = { clientId: 'id', clientSecret: 'canary-client-secret' };

async function refused(answer: Parameters<typeof Server.start>[0]): Promise<OAuthError> {
  await using server = await Server.start(answer);
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  const error: unknown = await client.getToken().catch((thrown: unknown) => thrown);
  if (!(error instanceof OAuthError)) throw new Error('no OAuthError', { cause: error });
  return error;
}

test.each([
  [3_600, 3_600],
  ['3600', 3_600],
  ['3599.5', 3_599.5],
  [0, undefined],
  [-1, undefined],
  [null, undefined],
  ['soon', undefined],
  [1e12, 1e12],
])(
  'badgateway/oauth2-client#123, oauthlib#569: expires_in %j lives %j seconds, and five calls make one request',
  async (expires_in, lifetime) => {
    await using server = await Server.start(issuing({ expires_in }));
    const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
    for (let i = 0; i < 5; i++) {
      const token = await client.getToken();
      expect(token.lifetime).toBe(lifetime);
    }
    expect(server.seen).toHaveLength(1);
  },
);

test('OpenOrbit#83: without expires_in a token is used until an API refuses it', async () => {
  let good = 'AT1';
  await using server = await Server.start(issuing({ expires_in: undefined }));
  await using api = await Server.start((seen) => (bearer(seen) === good ? {} : { status: 401 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  await client.fetch('/');
  good = 'AT2';
  expect((await client.fetch('/')).status).toBe(200);
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test.each(['broad narrow', 'narrow', 'narrow broad more'])(
  'oauthlib#562: another scope than asked for (%s) is shown, and the token is kept',
  async (scope) => {
    await using server = await Server.start(issuing({ scope }));
    const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, scope: 'broad narrow' });
    expect((await client.getToken()).scope).toEqual(scope.split(' '));
  },
);

test('golang/oauth2#274, panva/openid-client#666: an error under 200 is none, and 201 is a success', async () => {
  const error = await refused(() => ({ body: { error: 'invalid_grant' } }));
  expect(error.class).toBe('invalid_response');
  await using server = await Server.start((seen) => ({ ...issuing()(seen), status: 201 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  expect((await client.getToken()).accessToken.reveal()).toBe('AT1');
});

test.each([
  ['HTML', '<html>Bad gateway</html>', 502, 'unavailable'],
  ['nothing', '', 200, 'invalid_response'],
  ['a form', 'access_token=a&token_type=bearer', 200, 'invalid_response'],
  ['an array', [], 200, 'invalid_response'],
  ['an unknown error', { error: 'constructor' }, 400, 'invalid_response'],
  ['an error that is no text', { error: 7 }, 400, 'invalid_response'],
])('panva/openid-client#264: %s', async (_, body, status, errorClass) => {
  const error = await refused(() => ({ status, body }));
  expect(error).toMatchObject({ class: errorClass, httpStatus: status, delivery: 'answered' });
});

test('golang/oauth2#786: one request, whatever comes back: no second try in another style', async () => {
  for (const status of [400, 401, 403, 404, 500]) {
    await using server = await Server.start(() => ({ status, body: { error: 'invalid_client' } }));
    const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
    await expect(client.getToken()).rejects.toBeInstanceOf(OAuthError);
    expect(server.seen).toHaveLength(1);
  }
});

test('marcusquinn/aidevops#5300: after 429 with Retry-After nobody asks, and a living token is still given', async () => {
  const issue = issuing();
  await using server = await Server.start((seen, count) =>
    count === 1 ? issue(seen) : { status: 429, headers: { 'Retry-After': '30' } },
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await client.getToken();
  await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
    class: 'rate_limited',
    retryAfter: 30,
  });
  for (let i = 0; i < 10; i++) {
    await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
      class: 'rate_limited',
      httpStatus: 429,
    });
  }
  expect((await client.getToken()).accessToken.reveal()).toBe('AT1');
  expect(server.seen).toHaveLength(2);
});

test('NousResearch/hermes-agent#103663: thousands of failures in a row do not make thousands of requests', async () => {
  await using server = await Server.start(() => ({
    status: 400,
    body: { error: 'invalid_client' },
  }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  for (let i = 0; i < 3_338; i++) {
    await expect(client.getToken()).rejects.toMatchObject({ class: 'invalid_client' });
  }
  expect(server.seen.length).toBeLessThan(10);
});

test('pleaseai/shunt#385: an endless answer is cut', async () => {
  const error = await refused(() => ({ body: 'x'.repeat(2 * 1024 * 1024) }));
  expect(error).toMatchObject({ class: 'invalid_response' });
  expect(error.message).toContain('over 1 MiB');
});

test('metabrainz/picard#3409, apache/gravitino#13218: no print of anything shows a secret, though the server echoes all', async () => {
  const lines: string[] = [];
  await using server = await Server.start(({ body, headers }, count) => {
    if (count === 1)
      return {
        body: {
          access_token: 'canary-at',
          token_type: 'Bearer',
          refresh_token: 'canary-rt',
          expires_in: 60,
        },
      };
    const echo = `${body} ${headers.authorization}`;
    return { status: 400, body: { error: 'invalid_scope', error_description: 'no', echo } };
  });
  const client = new TokenClient({
    ...CLIENT,
    tokenUrl: server.origin,
    log: (line) => void lines.push(line),
  });
  const token = await client.getToken();
  const error: unknown = await client.getToken({ forceRefresh: true }).catch((e: unknown) => e);
  const printed = [client, token, error]
    .map(
      (one) =>
        `${inspect(one, { depth: 9, showHidden: true })} ${JSON.stringify(one)} ${String(one)}`,
    )
    .join('\n');
  const everything = printed + lines.join('\n') + (error instanceof Error ? error.stack : '');
  expect(everything).toContain('***');
  expect(everything).not.toMatch(/canary/);
});

test('a server that writes to the terminal in its description, or a megabyte of it', async () => {
  const error_description = `\u001b[31m red\r\nInjected: yes ${'x'.repeat(1_000_000)}`;
  const error_uri = 'http://127.0.0.1:1/\u0007';
  const error = await refused(() => ({
    status: 400,
    body: { error: 'invalid_scope', error_description, error_uri },
  }));
  expect(error.message.length).toBeLessThan(600);
  // oxlint-disable-next-line no-control-regex -- they are what must not be there
  expect(error.message + error.oauthUri).not.toMatch(/[\u0000-\u001f\u007f]/);
});
