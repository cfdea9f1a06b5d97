import { expect, test } from 'vitest';
import { MemoryStore, TokenClient } from '../../src/index.ts';
import { bearer, grants, issuing, Server } from '../fixtures/servers.ts';

const CLIENT = { clientId: 'id', clientSecret: 'secret' };

async function withApi(
  use: (client: TokenClient, server: Server, api: Server) => Promise<void>,
): Promise<void> {
  await using server = await Server.start(issuing());
  await using api = await Server.start((seen) => (bearer(seen) === 'AT1' ? { status: 401 } : {}));
  await use(
    new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin }),
    server,
    api,
  );
}

const form = new FormData();
form.set('name', 'Théâtre');

test.each([
  ['text', 'Théâtre'],
  ['bytes', new Uint8Array([0, 1, 255])],
  ['a buffer', Buffer.from('Théâtre')],
  ['parameters', new URLSearchParams({ name: 'Théâtre' })],
  ['a blob', new Blob(['Théâtre'])],
])('a2aproject/a2a-js#735: %s is sent again byte by byte', async (_, body) => {
  await withApi(async (client, __, api) => {
    await client.fetch('/', { method: 'POST', body });
    expect(api.seen).toHaveLength(2);
    expect(api.seen[1]?.body).toBe(api.seen[0]?.body);
    expect(api.seen[1]?.body).not.toBe('');
  });
});

test('a2aproject/a2a-js#735: a form too', async () => {
  await withApi(async (client, _, api) => {
    await client.fetch('/', { method: 'POST', body: form });
    expect(api.seen[1]?.body).toContain('Théâtre');
  });
});

test('nodejs/undici#4910: a stream cannot be sent again: the caller hears of the 401, and the next call has a new token', async () => {
  await withApi(async (client, server, api) => {
    const stream = new Blob(['once']).stream();
    const call = client.fetch('/', { method: 'POST', body: stream, duplex: 'half' });
    await expect(call).rejects.toMatchObject({ class: 'unauthorized' });
    expect(api.seen).toHaveLength(1);
    expect((await client.fetch('/')).status).toBe(200);
    expect(grants(server)).toEqual(['client_credentials', 'RT1']);
  });
});

test('requests-oauthlib#451: nothing of the API call reaches the token endpoint', async () => {
  await withApi(async (client, server) => {
    await client.fetch('/orders?card=4111', {
      method: 'POST',
      body: JSON.stringify({ card: '4111' }),
      headers: { 'Content-Type': 'application/json', 'X-Card': '4111' },
    });
    expect(server.seen).toHaveLength(2);
    expect(JSON.stringify(server.seen)).not.toContain('4111');
  });
});

test("undici-oidc-interceptor: no token, no request, and the token endpoint's error", async () => {
  await using server = await Server.start(() => ({
    status: 401,
    body: { error: 'invalid_client' },
  }));
  await using api = await Server.start(() => ({}));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  await expect(client.fetch('/')).rejects.toMatchObject({ class: 'invalid_client' });
  expect(api.seen).toEqual([]);
});

test('golang/oauth2#500: the token does not follow a redirect to another origin', async () => {
  await using server = await Server.start(issuing());
  await using elsewhere = await Server.start(() => ({}));
  await using api = await Server.start(() => ({
    status: 302,
    headers: { Location: `${elsewhere.origin}/` },
  }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  expect((await client.fetch('/')).status).toBe(302);
  await expect(client.fetch(`${elsewhere.origin}/next`)).rejects.toMatchObject({
    class: 'config_error',
  });
  expect(elsewhere.seen).toEqual([]);
});

test('Gitlawb/zero#729: a redirect of the token endpoint is refused, and nothing is sent after it', async () => {
  await using elsewhere = await Server.start(issuing());
  await using server = await Server.start(() => ({
    status: 307,
    headers: { Location: elsewhere.origin },
  }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await expect(client.getToken()).rejects.toMatchObject({
    class: 'invalid_response',
    httpStatus: 307,
  });
  expect(elsewhere.seen).toEqual([]);
});

test('panva/openid-client#248: the scheme is Bearer, however the server spells the type', async () => {
  await using server = await Server.start(issuing({ token_type: 'bearer' }));
  await using api = await Server.start(() => ({}));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  await client.fetch('/', { headers: { Authorization: 'Basic mine' } });
  expect(api.seen[0]?.headers.authorization).toBe('Bearer AT1');
});

test('requests-oauthlib#568, AppAuth-Android#337: client id and secret are form-encoded for Basic', async () => {
  await using server = await Server.start(issuing());
  const settings = { tokenUrl: server.origin, clientId: 'a b:c%', clientSecret: '+/=:%é ' };
  await new TokenClient(settings).getToken();
  const [, encoded = ''] = server.seen[0]?.headers.authorization?.split(' ') ?? [];
  expect(Buffer.from(encoded, 'base64').toString()).toBe('a+b%3Ac%25:%2B%2F%3D%3A%25%C3%A9+');
});

test('keycloak-nodejs-connect#119: a public client names itself when it refreshes', async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ clientId: 'app', clientAuth: 'none', tokenUrl: server.origin });
  await client.getToken();
  await client.getToken({ forceRefresh: true });
  expect(new URLSearchParams(server.seen[1]?.body).get('client_id')).toBe('app');
  expect(server.seen[1]?.headers.authorization).toBeUndefined();
});

test('panva/openid-client#404: one fetch makes every request: discovery, token and API', async () => {
  await using api = await Server.start(() => ({}));
  const origins: string[] = [];
  await using server = await Server.start((seen) =>
    seen.path.includes('well-known')
      ? { body: { issuer: server.origin, token_endpoint: `${server.origin}/token` } }
      : issuing()(seen),
  );
  const client = new TokenClient({
    ...CLIENT,
    issuer: server.origin,
    apiUrl: api.origin,
    fetch: (input, init) => {
      origins.push(new Request(input).url);
      return fetch(input, init);
    },
  });
  await client.fetch('/v1');
  expect(origins).toEqual([
    `${server.origin}/.well-known/openid-configuration`,
    `${server.origin}/token`,
    `${api.origin}/v1`,
  ]);
});

test('401 that asks for more scope, and 403, are not cured by a new token', async () => {
  for (const status of [401, 403]) {
    await using server = await Server.start(issuing());
    const challenge = 'Bearer error="insufficient_scope", scope="tickets.write tickets.read"';
    await using api = await Server.start(() => ({
      status,
      headers: { 'WWW-Authenticate': challenge },
    }));
    const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
    await expect(client.fetch('/')).rejects.toMatchObject({
      class: 'forbidden',
      requiredScope: 'tickets.write tickets.read',
    });
    expect(api.seen).toHaveLength(1);
    expect(server.seen).toHaveLength(1);
  }
});

test('a caller that gives up during the renewal after a 401 is let go, and the others get their token', async () => {
  const answer = issuing();
  await using server = await Server.start(async (seen) => {
    const refresh = seen.body.includes('refresh_token');
    if (refresh) await new Promise((resolve) => setTimeout(resolve, 200));
    return answer(seen);
  });
  await using api = await Server.start((seen) => (bearer(seen) === 'AT1' ? { status: 401 } : {}));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  await client.getToken();
  const controller = new AbortController();
  const given = client.fetch('/', { signal: controller.signal });
  const other = client.fetch('/');
  while (grants(server).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  controller.abort(new Error('gave up'));
  await expect(given).rejects.toThrow('gave up');
  expect((await other).status).toBe(200);
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test('gravitino#12531: an API that refuses every token costs one renewal, also where the body cannot be sent again', async () => {
  await using server = await Server.start(issuing());
  await using api = await Server.start(() => ({ status: 401 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  for (let call = 0; call < 5; call++) {
    const body = new Blob(['once']).stream();
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit;
    await expect(client.fetch('/', init)).rejects.toMatchObject({ class: 'unauthorized' });
  }
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test("a sibling's token that is as bad as one's own is renewed at the next call, and not given up", async () => {
  await using server = await Server.start(issuing());
  const good = new Set(['AT1', 'AT2']);
  await using api = await Server.start((seen) =>
    good.has(bearer(seen) ?? '') ? {} : { status: 401 },
  );
  const settings = { ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin };
  const store = new MemoryStore();
  const client = new TokenClient({ ...settings, store });
  await client.fetch('/');
  await new TokenClient({ ...settings, store }).getToken({ forceRefresh: true });
  good.clear();
  good.add('AT3');
  await expect(client.fetch('/')).rejects.toMatchObject({ class: 'unauthorized' });
  expect((await client.fetch('/')).status).toBe(200);
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'RT2']);
});

test("a request that the platform refuses to make is the caller's mistake, and no failure of the network", async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: server.origin });
  await expect(client.fetch('/', { method: 'GET', body: 'text' })).rejects.toThrow(TypeError);
});

test('a URL of the API that holds a password is refused, and not quoted', async () => {
  const client = new TokenClient({
    ...CLIENT,
    tokenUrl: 'https://id.example/token',
    apiUrl: 'https://api.example',
  });
  const refused = client.fetch('https://ada:hush@api.example/things');
  await expect(refused).rejects.toMatchObject({ class: 'config_error' });
  await expect(refused).rejects.not.toThrow('hush');
});
