// Bugs that other clients had, or have: each test is named after the report.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished, expect, test } from 'vitest';
import { FileStore, MemoryStore, type Settings, TokenClient } from '../../src/index.ts';
import { readCallback } from '../../src/authorization_code/authorization_response.ts';
import { clientCredentials } from '../../src/grants/client_credentials.ts';
import { Renewal } from '../../src/renewal.ts';
import { storeKey } from '../../src/store/token_store.ts';
import { Token } from '../../src/token.ts';
import { FakeClock } from '../fixtures/fake_clock.ts';
import { bearer, grants, issuing, Server } from '../fixtures/servers.ts';

const CLIENT = { clientId: 'id', clientSecret: 'secret' };

async function tokenFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'core-regressions-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'tokens.json');
}

test('anthropic-sdk-python#1841: a token whose renewal began before it was refused is not given again', async () => {
  const answer = issuing();
  await using server = await Server.start((seen) => ({ ...answer(seen), after: 50 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  const first = await client.getToken();
  const renewing = client.getToken({ forceRefresh: true });
  await expect.poll(() => server.seen.length).toBe(2);
  const replaced = client.replaceToken(first);
  expect((await replaced)?.accessToken.reveal()).toBe('AT2');
  await renewing;
  expect((await client.replaceToken(await renewing))?.accessToken.reveal()).toBe('AT3');
});

test('quarkus#55196, inite-brain-service#641: a late caller with the old token gets the new one, and no refresh token is sent twice', async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  const old = await client.getToken();
  await client.getToken({ forceRefresh: true });
  for (let late = 0; late < 3; late++)
    expect((await client.replaceToken(old))?.accessToken.reveal()).toBe('AT2');
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test('keycloak#14040: callers that come after a renewal do not renew again', async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  for (let call = 0; call < 20; call++) await client.getToken();
  expect(server.seen).toHaveLength(1);
});

test('r-lib/httr2 req-perform-parallel.R: every refusal of a batch counts once', async () => {
  await using server = await Server.start(issuing());
  await using api = await Server.start((seen) => (bearer(seen) === 'AT1' ? { status: 401 } : {}));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  for (let batch = 0; batch < 3; batch++)
    await Promise.all(Array.from({ length: 10 }, () => client.fetch('/')));
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test('ms-365-mcp-server#545, HQBase/hqbase#41: a client finds what its sibling has rotated, and does not send the old refresh token', async () => {
  await using server = await Server.start(issuing());
  const file = await tokenFile();
  const settings = (): Settings => ({
    ...CLIENT,
    tokenUrl: server.origin,
    store: new FileStore(file),
  });
  const [one, other] = [new TokenClient(settings()), new TokenClient(settings())];
  await one.getToken();
  const stale = await other.getToken();
  await one.getToken({ forceRefresh: true });
  expect((await other.replaceToken(stale))?.accessToken.reveal()).toBe('AT2');
  await other.getToken({ forceRefresh: true });
  expect(grants(server)).toEqual(['client_credentials', 'RT1', 'RT2']);
});

test('opencode#49439, claude-code#91708: whether to refresh is decided within the lock, on what the file says then', async () => {
  const clock = new FakeClock();
  const store = new MemoryStore();
  const sent: (string | undefined)[] = [];
  let issued = 0;
  const renewal = () =>
    new Renewal({
      store,
      key: 'key',
      clock,
      scope: undefined,
      grant: clientCredentials(undefined),
      log: () => {},
      warn: () => {},
      request: (fields) => {
        sent.push(fields['refresh_token'] ?? fields.grant_type);
        issued++;
        return Promise.resolve({
          accessToken: `AT${issued}`,
          expiresIn: 60,
          refreshToken: `RT${issued}`,
          refreshExpiresIn: undefined,
          scope: undefined,
          idToken: undefined,
        });
      },
    });
  const [one, other] = [renewal(), renewal()];
  const current = await one.run(undefined, false);
  await other.run(undefined, false);
  clock.advance(58_000);
  const both = await Promise.all([one.run(current, false), other.run(current, false)]);
  expect(both.map((token) => token.accessToken.reveal())).toEqual(['AT2', 'AT2']);
  expect(sent).toEqual(['client_credentials', 'RT1']);
});

test('spring-security#6912: the refresh token of a client credentials answer is used; without one the grant is', async () => {
  for (const [rotates, expected] of [
    [true, ['client_credentials', 'RT1']],
    [false, ['client_credentials', 'client_credentials']],
  ] as const) {
    const answer = issuing(rotates ? {} : { refresh_token: undefined });
    await using server = await Server.start(answer);
    const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
    await client.getToken();
    await client.getToken({ forceRefresh: true });
    expect(grants(server)).toEqual(expected);
  }
});

test('golang/oauth2#226: an outage is reported as one that may be retried, and nothing is sent again by itself', async () => {
  await using server = await Server.start(() => ({ status: 502 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  await expect(client.getToken()).rejects.toMatchObject({ class: 'unavailable', retryable: true });
  expect(server.seen).toHaveLength(1);
});

test('httpx_auth#23, quarkus#43799: a program of its own can say that a token was revoked early', async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  const revoked = await client.getToken();
  expect((await client.replaceToken(revoked))?.accessToken.reveal()).toBe('AT2');
});

test('undici-oidc-interceptor: where the renewal after a 401 fails, its error is thrown and nothing more is sent', async () => {
  const answer = issuing();
  await using server = await Server.start((seen) =>
    seen.body.includes('refresh_token') ? { status: 503 } : answer(seen),
  );
  await using api = await Server.start(() => ({ status: 401 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  await expect(client.fetch('/')).rejects.toMatchObject({ class: 'unavailable' });
  expect(api.seen.map(bearer)).toEqual(['AT1']);
});

test('rynfar/meridian#515, directus#4054: a token of 30 days starts no timer, no loop, and keeps no process alive', async () => {
  await using server = await Server.start(issuing({ expires_in: 30 * 86_400 }));
  const core = new URL('../../src/index.ts', import.meta.url).href;
  const program = `const { TokenClient } = await import(${JSON.stringify(core)});
    const client = new TokenClient({ clientId: 'id', clientSecret: 'secret', tokenUrl: process.argv[1] });
    await client.getToken();
    console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length);`;
  const run = promisify(execFile);
  const words = ['--input-type=module', '-e', program, server.origin];
  const { stdout } = await run(process.execPath, words, { timeout: 20_000 });
  expect(stdout).toBe('0\n');
  expect(server.seen).toHaveLength(1);
});

test('ltratt/pizauth#47, hypothesis/client#384: a token does not live on while the machine sleeps', () => {
  const clock = new FakeClock();
  const record = {
    access_token: 'AT',
    token_type: 'Bearer',
    issued_at: clock.wall() / 1000,
    expires_at: clock.wall() / 1000 + 600,
  } as const;
  const token = new Token(record, clock);
  expect(token.window()).toBe('fresh');
  clock.step(3_600_000);
  expect(token.window()).toBe('expired');
});

test.each([
  ['another scope', { scope: 'b' }],
  ['another issuer', { server: 'https://other.example' }],
  ['another client', { clientId: 'other' }],
  ['another user', { user: 'bob' }],
  ['another grant', { grant: 'password' }],
  ['another audience', { parameters: { audience: 'https://api.example' } }],
])('r-lib/httr2#178, Zverik/cli-oauth2#4: %s is another entry', (_, other) => {
  const parts = { server: 'https://id.example', clientId: 'id', grant: 'authorization_code' };
  const settings = { ...parts, user: undefined, scope: 'a' };
  expect(storeKey({ ...settings, ...other })).not.toBe(storeKey(settings));
});

test('r-lib/httr#494: the same scopes in another order, or twice, are the same entry', () => {
  const parts = { server: 'https://id.example', clientId: 'id', grant: 'g', user: undefined };
  const keys = ['b a', 'a b', 'a  b a'].map((scope) => storeKey({ ...parts, scope }));
  expect(new Set(keys).size).toBe(1);
});

test('further parameters are a sixth part of the key, in one order', () => {
  const parts = { server: 'https://id.example', clientId: 'id', grant: 'g' };
  const key = storeKey({ ...parts, parameters: { resource: 'b', audience: 'a&b=c' } });
  expect(key).toBe(`${storeKey(parts)} audience=a%26b%3Dc&resource=b`);
});

test.each([
  ['a wrong iss', 'iss=https%3A%2F%2Fother.example'],
  ['no iss, though it is promised', ''],
])('panva/openid-client#647, skooner#441: %s is refused, on an error too', (_, iss) => {
  const expected = { state: 's', issuer: 'https://id.example', issuerRequired: true };
  for (const answer of ['code=c', 'error=access_denied']) {
    const url = new URL(`http://127.0.0.1:1/callback?state=s&${answer}&${iss}`);
    expect(() => readCallback(url, expected)).toThrow(
      expect.objectContaining({ class: 'issuer_mismatch' }),
    );
  }
});
