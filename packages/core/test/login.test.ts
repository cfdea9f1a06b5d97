import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  ConfigError,
  MemoryStore,
  type PendingLogin,
  type Settings,
  Timeout,
  TokenClient,
  type TokenStore,
} from '../src/index.ts';
import { browse, type OpenIdServer, openIdServer } from './fixtures/openid_server.ts';

const APP: Settings = {
  grant: 'authorization_code',
  clientId: 'app',
  clientAuth: 'none',
  scope: 'openid profile',
};

const paths = (seen: readonly { path: string }[]): string[] =>
  seen.map(({ path }) => path.split('?')[0] ?? '');

async function logIn(client: TokenClient): Promise<PendingLogin> {
  const login = await client.startLogin();
  await Promise.all([browse(login.authorizationUrl), login.finish()]);
  return login;
}

/** The tokens that were revoked, in their order. */
function revoked({ server }: OpenIdServer): (string | null)[] {
  return server.seen
    .filter(({ path }) => path === '/revoke')
    .map(({ body }) => new URLSearchParams(body).get('token'));
}

test('a person logs in, the ID token is verified, and later refreshes need nobody', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const login = await client.startLogin();
  const [page, token] = await Promise.all([browse(login.authorizationUrl), login.finish()]);
  expect(page.status).toBe(200);
  expect(token.idToken).toBeDefined();
  expect(await client.getToken()).toBe(token);
  const next = await client.getToken({ forceRefresh: true });
  expect(next.accessToken.reveal()).toBe('AT2');
  expect(paths(provider.server.seen)).toEqual([
    '/.well-known/openid-configuration',
    '/authorize',
    '/token',
    '/jwks',
    '/token',
  ]);
});

test('the callback may be brought by the person', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const login = await client.startLogin();
  const redirect = await fetch(login.authorizationUrl, { redirect: 'manual' });
  const token = await login.finish(redirect.headers.get('Location') ?? '');
  expect(token.accessToken.reveal()).toBe('AT1');
});

test('before the login, and after a logout, only the person can help: no request, no browser', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  await expect(client.getToken()).rejects.toMatchObject({ class: 'login_required' });
  expect(provider.server.seen).toEqual([]);
});

test('a login in one client is there in another one on the same store', async () => {
  await using provider = await openIdServer();
  const settings = { ...APP, issuer: provider.issuer, store: new MemoryStore() };
  await logIn(new TokenClient(settings));
  const other = new TokenClient(settings);
  expect((await other.getToken()).accessToken.reveal()).toBe('AT1');
  expect((await other.getToken({ forceRefresh: true })).accessToken.reveal()).toBe('AT2');
});

test.each([
  ['iss', { iss: 'https://other.example' }],
  ['aud', { aud: 'other' }],
  ['nonce', { nonce: 'other' }],
  ['exp', { exp: 1_000 }],
  ['at_hash', { at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }],
])('an ID token with a wrong %s discards the whole answer', async (name, claims) => {
  await using provider = await openIdServer();
  provider.claims = claims;
  const store = new MemoryStore();
  const client = new TokenClient({ ...APP, issuer: provider.issuer, store });
  const login = await client.startLogin();
  const [, failed] = await Promise.all([
    browse(login.authorizationUrl),
    login.finish().catch((error: unknown) => error),
  ]);
  expect(failed).toMatchObject({ class: 'invalid_id_token' });
  expect(String(failed)).toContain(name);
  await expect(client.getToken()).rejects.toMatchObject({ class: 'login_required' });
});

test('a refresh that brings the ID token of somebody else is refused (OpenID Connect Core 1.0, 12.2)', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  await logIn(client);
  provider.sub = 'user 2';
  await expect(client.getToken({ forceRefresh: true })).rejects.toMatchObject({
    class: 'invalid_id_token',
  });
});

test('a refresh brings no nonce, or that of the login (OpenID Connect Core 1.0, 12.2)', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const login = await logIn(client);
  const nonce = login.authorizationUrl.searchParams.get('nonce');
  const refresh = (claims: Record<string, unknown>) => {
    provider.claims = claims;
    return client.getToken({ forceRefresh: true });
  };
  await expect(refresh({ nonce: 'other' })).rejects.toMatchObject({ class: 'invalid_id_token' });
  expect((await refresh({ nonce })).accessToken.reveal()).toBe('AT3');
  expect((await refresh({})).accessToken.reveal()).toBe('AT4');
});

test('UserInfo is about the user who logged in, or refused', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  await logIn(client);
  expect(await client.userInfo()).toEqual({ sub: 'user 1', name: 'Ada' });
  provider.userInfo = { sub: 'user 2' };
  await expect(client.userInfo()).rejects.toMatchObject({ class: 'invalid_userinfo' });
});

test('logging out revokes the refresh token, empties the store, and says where the browser goes', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  await logIn(client);
  const url = await client.logout();
  expect(url?.pathname).toBe('/logout');
  expect(url?.searchParams.has('id_token_hint')).toBe(true);
  const revoked = provider.server.seen.filter(({ path }) => path === '/revoke');
  expect(revoked.map(({ body }) => new URLSearchParams(body).get('token'))).toEqual(['RT1', 'AT1']);
  await expect(client.getToken()).rejects.toMatchObject({ class: 'login_required' });
});

test('a login that was begun prints no secret', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const login = await client.startLogin();
  const { searchParams } = login.authorizationUrl;
  const printed = inspect([login, client], { depth: 9, showHidden: true }) + JSON.stringify(login);
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(printed).not.toContain(searchParams.get(name));
  }
  await login.cancel();
});

test('an ID token that nobody asked for is verified too, since its subject would be believed later', async () => {
  await using provider = await openIdServer();
  provider.claims = { aud: 'other' };
  const client = new TokenClient({ ...APP, scope: 'profile', issuer: provider.issuer });
  const login = await client.startLogin();
  expect(login.authorizationUrl.searchParams.has('nonce')).toBe(false);
  const [, failed] = await Promise.all([
    browse(login.authorizationUrl),
    login.finish().catch((error: unknown) => error),
  ]);
  expect(failed).toMatchObject({ class: 'invalid_id_token' });
});

test('openid without an issuer is a wrong setting before a code is spent on it', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({
    ...APP,
    tokenUrl: `${provider.issuer}/token`,
    authorizeUrl: `${provider.issuer}/authorize`,
  });
  await expect(client.startLogin()).rejects.toMatchObject({ class: 'config_error' });
  expect(provider.server.seen).toEqual([]);
});

test('a signal ends a login that nobody has finished, and closes its port', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const abort = new AbortController();
  const login = await client.startLogin({ signal: abort.signal });
  const redirect = new URL(login.authorizationUrl.searchParams.get('redirect_uri') ?? '');
  expect((await fetch(redirect)).status).toBe(400);
  const reason = new Error('the window was closed');
  abort.abort(reason);
  await expect(fetch(redirect)).rejects.toThrow('fetch failed');
  await expect(login.finish()).rejects.toBe(reason);
});

test('a signal ends who waits for the browser', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const abort = new AbortController();
  const login = await client.startLogin({ signal: abort.signal });
  const waiting = login.finish().catch((error: unknown) => error);
  const reason = new Error('the window was closed');
  abort.abort(reason);
  expect(await waiting).toBe(reason);
  await expect(client.startLogin({ signal: abort.signal })).rejects.toBe(reason);
});

test.each([
  [Date.now() / 1000 - 20, 'AT1'],
  [Date.now() / 1000 - 7_200, 'auth_time: expected at most 60 s ago'],
  [undefined, 'auth_time: expected a time, seen none'],
])('with max_age, an ID token whose auth_time is %s: %s', async (auth_time, expected) => {
  await using provider = await openIdServer();
  provider.claims = { auth_time };
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const login = await client.startLogin({ parameters: { max_age: '60' } });
  const [, came] = await Promise.all([
    browse(login.authorizationUrl),
    login.finish().then(
      ({ accessToken }) => accessToken.reveal(),
      (error: unknown) => String(error),
    ),
  ]);
  expect(came).toContain(expected);
});

test('a logout revokes what another client has renewed meanwhile, and says where the browser goes', async () => {
  await using provider = await openIdServer();
  const settings = { ...APP, issuer: provider.issuer, store: new MemoryStore() };
  const client = new TokenClient(settings);
  await logIn(client);
  await new TokenClient(settings).getToken({ forceRefresh: true });
  const url = await client.logout({ postLogoutRedirectUri: 'http://127.0.0.1/bye', state: 'zz' });
  expect(revoked(provider).slice(0, 2)).toEqual(['RT2', 'AT2']);
  expect(url?.searchParams.get('post_logout_redirect_uri')).toBe('http://127.0.0.1/bye');
  expect(url?.searchParams.get('state')).toBe('zz');
  await expect(client.getToken()).rejects.toMatchObject({ class: 'login_required' });
});

test('a signal that outlives its logins is not held by them', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  const { signal } = new AbortController();
  const login = await client.startLogin({ signal });
  await Promise.all([browse(login.authorizationUrl), login.finish()]);
  await (await client.startLogin({ signal })).cancel();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});

test('a store that cannot be read is told before the person logs in', async () => {
  await using provider = await openIdServer();
  const foreign = () => Promise.reject(new ConfigError('a file of somebody else'));
  const store: TokenStore = { load: foreign, save: foreign, lease: foreign };
  const client = new TokenClient({ ...APP, issuer: provider.issuer, store });
  await expect(client.startLogin()).rejects.toMatchObject({ class: 'config_error' });
  expect(provider.server.seen).toEqual([]);
});

test('keys that cannot be had after a refresh leave the mark: the refresh token is spent', async () => {
  await using provider = await openIdServer();
  const store = new MemoryStore();
  const settings = { ...APP, issuer: provider.issuer, store };
  await logIn(new TokenClient(settings));
  const marks: (number | undefined)[] = [];
  const watched: TokenStore = {
    load: (key) => store.load(key),
    save(key, tokens, version) {
      marks.push(tokens?.refresh_sent_at);
      return store.save(key, tokens, version);
    },
    lease: (key, work) => store.lease(key, work),
  };
  const keyless: typeof fetch = (input, init) =>
    new Request(input).url.endsWith('/jwks')
      ? Promise.resolve(new Response('', { status: 503 }))
      : fetch(input, init);
  const other = new TokenClient({ ...settings, store: watched, fetch: keyless });
  await expect(other.getToken({ forceRefresh: true })).rejects.toMatchObject({
    delivery: 'no_answer',
    retryable: true,
  });
  expect(marks).toEqual([expect.any(Number)]);
});

test('a logout revokes also the access token at hand, which a sibling has replaced', async () => {
  await using provider = await openIdServer();
  const settings = { ...APP, issuer: provider.issuer, store: new MemoryStore() };
  const client = new TokenClient(settings);
  await logIn(client);
  await new TokenClient(settings).getToken({ forceRefresh: true });
  await client.logout();
  expect(revoked(provider)).toEqual(['RT2', 'AT2', 'AT1']);
});

test('a store without a lease to be had does not undo a logout, and its error is told', async () => {
  await using provider = await openIdServer();
  const memory = new MemoryStore();
  let lease: TokenStore['lease'] = (key, work) => memory.lease(key, work);
  const store: TokenStore = {
    load: (key) => memory.load(key),
    save: (key, tokens, version) => memory.save(key, tokens, version),
    lease: (key, work) => lease(key, work),
  };
  const client = new TokenClient({ ...APP, issuer: provider.issuer, store });
  await logIn(client);
  lease = () => Promise.reject(new ConfigError('no room for a lock'));
  await expect(client.logout()).rejects.toMatchObject({ class: 'config_error' });
  await expect(client.getToken()).rejects.toMatchObject({ class: 'login_required' });
  lease = () => Promise.reject(new Timeout('somebody holds the lock'));
  await expect(client.logout()).rejects.toMatchObject({ class: 'timeout' });
  expect(revoked(provider)).toHaveLength(2);
});

test('a logout waits for a renewal that is under way, and revokes what it has brought', async () => {
  await using provider = await openIdServer();
  const client = new TokenClient({ ...APP, issuer: provider.issuer });
  await logIn(client);
  const renewing = client.getToken({ forceRefresh: true }).catch((error: unknown) => error);
  await client.logout();
  expect(await renewing).toMatchObject({ class: 'login_required' });
  expect(revoked(provider)).toEqual(['RT2', 'AT2', 'AT1']);
  expect(await client.storedToken()).toBeUndefined();
});
