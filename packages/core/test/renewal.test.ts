import { expect, test } from 'vitest';
import { oauthError } from '../src/error_classes.ts';
import type { OAuthError } from '../src/errors.ts';
import { authorizationCode } from '../src/grants/authorization_code.ts';
import { clientCredentials } from '../src/grants/client_credentials.ts';
import type { GrantFields } from '../src/grants/grant.ts';
import { Renewal } from '../src/renewal.ts';
import { MemoryStore } from '../src/store/memory_store.ts';
import type { StoredTokens, TokenStore } from '../src/store/token_store.ts';
import type { TokenResponse } from '../src/token_response.ts';
import { FakeClock } from './fixtures/fake_clock.ts';

const KEY = 'key';

/** A server that rotates refresh tokens and ends the session when one is used twice, as Keycloak does when told to. */
class RotatingServer {
  readonly requests: GrantFields[] = [];
  /** What happens next instead of an answer; after which the server has done its part. */
  failures: (OAuthError | undefined)[] = [];
  rotates = true;
  /** Called when a request has arrived. */
  arrived: () => Promise<unknown> = () => Promise.resolve();
  #current = '';
  #issued = 0;

  request = async (fields: GrantFields): Promise<TokenResponse> => {
    this.requests.push(fields);
    await this.arrived();
    const failure = this.failures.shift();
    if (failure && failure.delivery !== 'no_answer') throw failure;
    const answer = this.#answer(fields);
    if (failure) throw failure;
    return answer;
  };

  endSession(): void {
    this.#current = 'none';
  }

  #answer(fields: GrantFields): TokenResponse {
    const refresh = fields.grant_type === 'refresh_token';
    if (refresh && fields['refresh_token'] !== this.#current) {
      this.endSession();
      throw oauthError('invalid_grant', 'reuse', { delivery: 'answered' });
    }
    this.#issued++;
    if (!refresh || this.rotates) this.#current = `RT${this.#issued}`;
    return {
      accessToken: `AT${this.#issued}`,
      expiresIn: 60,
      refreshToken: !refresh || this.rotates ? this.#current : undefined,
      refreshExpiresIn: 1_800,
      scope: undefined,
      idToken: undefined,
    };
  }
}

function setUp(options: { store?: TokenStore; person?: boolean } = {}) {
  const clock = new FakeClock();
  const server = new RotatingServer();
  const store = options.store ?? new MemoryStore();
  const log: string[] = [];
  const parts = {
    store,
    key: KEY,
    clock,
    scope: undefined,
    grant: options.person ? authorizationCode : clientCredentials(undefined),
    request: server.request,
    log: (line: string) => void log.push(line),
    warn: (line: string) => void log.push(line),
  };
  const stored = async (): Promise<StoredTokens | undefined> => (await store.load(KEY)).tokens;
  return { clock, server, store, log, stored, renewal: new Renewal(parts), parts };
}

const types = (server: RotatingServer): string[] =>
  server.requests.map(({ grant_type, refresh_token }) => refresh_token ?? grant_type);

test('first the grant, then refreshes, each with the newest refresh token', async () => {
  const { renewal, server } = setUp();
  let token = await renewal.run(undefined, false);
  for (let i = 0; i < 3; i++) token = await renewal.run(token, true);
  expect(types(server)).toEqual(['client_credentials', 'RT1', 'RT2', 'RT3']);
  expect(token.accessToken.reveal()).toBe('AT4');
});

test('three refreshes in a row that bring no new refresh token keep the old one (lelylan/simple-oauth2#58)', async () => {
  const { renewal, server } = setUp();
  let token = await renewal.run(undefined, false);
  server.rotates = false;
  for (let i = 0; i < 3; i++) token = await renewal.run(token, true);
  expect(types(server)).toEqual(['client_credentials', 'RT1', 'RT1', 'RT1']);
});

test('a rotated refresh token is stored before the new token is given (golang/oauth2#84)', async () => {
  const { renewal, stored } = setUp();
  const first = await renewal.run(undefined, false);
  const second = renewal.run(first, true);
  expect((await second).accessToken.reveal()).toBe('AT2');
  expect(await stored()).toMatchObject({ access_token: 'AT2', refresh_token: 'RT2' });
});

test('two clients on one store: the second takes what the first has renewed, even when forced (authlib#266)', async () => {
  const { renewal, parts, server } = setUp();
  const old = await renewal.run(undefined, false);
  const other = new Renewal(parts);
  const [one, two] = await Promise.all([renewal.run(old, true), other.run(old, true)]);
  expect(one.accessToken.reveal()).toBe('AT2');
  expect(two.accessToken.reveal()).toBe('AT2');
  expect(types(server)).toEqual(['client_credentials', 'RT1']);
});

test('a caller who comes late with the old token gets the new one (quarkusio/quarkus#55272)', async () => {
  const { renewal, server } = setUp();
  const old = await renewal.run(undefined, false);
  await renewal.run(old, true);
  expect((await renewal.run(old, true)).accessToken.reveal()).toBe('AT2');
  expect(server.requests).toHaveLength(2);
});

test('a process that starts goes on with the stored token, and refreshes it when it is due', async () => {
  const { renewal, parts, server, clock } = setUp();
  await renewal.run(undefined, false);
  const next = new Renewal(parts);
  expect((await next.run(undefined, false)).accessToken.reveal()).toBe('AT1');
  clock.advance(58_000);
  expect((await next.run(undefined, false)).accessToken.reveal()).toBe('AT2');
  expect(types(server)).toEqual(['client_credentials', 'RT1']);
});

test.each([
  ['not sent', 'network', 'not_sent', undefined],
  ['answered with 503', 'unavailable', 'answered', 503],
  ['answered with 429', 'rate_limited', 'answered', 429],
  ['answered with HTML and 400', 'invalid_response', 'answered', 400],
] as const)(
  'a refresh that was %s keeps the refresh token, without a mark (owncloud/client#8883)',
  async (_, errorClass, delivery, httpStatus) => {
    const { renewal, server, stored } = setUp();
    const token = await renewal.run(undefined, false);
    server.failures = [oauthError(errorClass, 'no', { delivery, httpStatus })];
    await expect(renewal.run(token, true)).rejects.toMatchObject({ class: errorClass });
    expect(await stored()).toMatchObject({ refresh_token: 'RT1' });
    expect((await stored())?.refresh_sent_at).toBeUndefined();
    expect((await renewal.run(token, true)).accessToken.reveal()).toBe('AT2');
  },
);

test.each([
  ['no usable answer', 'invalid_response'],
  ['an ID token that is refused', 'invalid_id_token'],
] as const)(
  'a refresh that brings %s may have spent the refresh token: the mark stays',
  async (_, errorClass) => {
    const { renewal, server, stored } = setUp();
    const token = await renewal.run(undefined, false);
    server.failures = [oauthError(errorClass, 'no', { delivery: 'answered', httpStatus: 200 })];
    await expect(renewal.run(token, true)).rejects.toMatchObject({ class: errorClass });
    expect(await stored()).toMatchObject({ refresh_token: 'RT1' });
    expect((await stored())?.refresh_sent_at).toBeDefined();
  },
);

test('a refresh whose answer is lost is not sent again in the same call, and leaves a mark (kcap-cli#946)', async () => {
  const { renewal, server, stored } = setUp();
  const token = await renewal.run(undefined, false);
  server.failures = [oauthError('timeout', 'lost', { delivery: 'no_answer' })];
  await expect(renewal.run(token, true)).rejects.toMatchObject({ class: 'timeout' });
  expect(types(server)).toEqual(['client_credentials', 'RT1']);
  expect((await stored())?.refresh_sent_at).toBeGreaterThan(0);
});

test('after a lost answer a service starts over when the server says that the token was spent', async () => {
  const { renewal, server, log } = setUp();
  const token = await renewal.run(undefined, false);
  server.failures = [oauthError('timeout', 'lost', { delivery: 'no_answer' })];
  await expect(renewal.run(token, true)).rejects.toThrow();
  expect((await renewal.run(token, true)).accessToken.reveal()).toBe('AT3');
  expect(types(server)).toEqual(['client_credentials', 'RT1', 'RT1', 'client_credentials']);
  expect(log.join()).toContain('may be spent');
});

test('the mark stands in the store while the refresh is under way: whoever finds it knows', async () => {
  const { renewal, server, stored } = setUp();
  const token = await renewal.run(undefined, false);
  let seen: StoredTokens | undefined;
  server.arrived = async () => {
    seen = await stored();
  };
  await renewal.run(token, true);
  expect(seen).toMatchObject({ refresh_token: 'RT1' });
  expect(seen?.refresh_sent_at).toBeGreaterThan(0);
  expect((await stored())?.refresh_sent_at).toBeUndefined();
});

test('invalid_grant: the service starts over once; its stored tokens are gone before it asks (r-lib/httr2#713)', async () => {
  const { renewal, server } = setUp();
  const token = await renewal.run(undefined, false);
  server.endSession();
  expect((await renewal.run(token, true)).accessToken.reveal()).toBe('AT2');
  expect(types(server)).toEqual(['client_credentials', 'RT1', 'client_credentials']);
});

test('invalid_grant: a person is asked to log in, nothing else happens, and the store is empty', async () => {
  const { renewal, server, stored } = setUp({ person: true });
  await expect(renewal.run(undefined, false)).rejects.toMatchObject({ class: 'login_required' });
  const answer = await server.request({ grant_type: 'authorization_code' });
  const token = await renewal.accept(answer, 1_800_000_000);
  server.endSession();
  await expect(renewal.run(token, true)).rejects.toMatchObject({
    class: 'login_required',
    message: expect.stringContaining('reuse') as string,
  });
  expect(server.requests).toHaveLength(2);
  expect(await stored()).toBeUndefined();
});

test('a refresh token past its known life is not sent', async () => {
  const { renewal, server, clock } = setUp();
  const token = await renewal.run(undefined, false);
  clock.advance(1_801_000);
  await renewal.run(token, false);
  expect(types(server)).toEqual(['client_credentials', 'client_credentials']);
});

test('a store that cannot be written to costs neither the token nor the login, and is spoken of', async () => {
  const store = new MemoryStore();
  let full = false;
  const disk: TokenStore = {
    load: (key) => store.load(key),
    save: (key, tokens, version) =>
      full ? Promise.reject(new Error('no space left')) : store.save(key, tokens, version),
    lease: (key, work) => store.lease(key, work),
  };
  const { renewal, server, stored, log } = setUp({ store: disk });
  let token = await renewal.run(undefined, false);
  server.arrived = () => Promise.resolve((full = true));
  token = await renewal.run(token, true);
  expect(token.accessToken.reveal()).toBe('AT2');
  expect(log.join()).toContain('the token is not stored: no space left');
  expect((await stored())?.refresh_token).toBe('RT1');
  server.arrived = () => Promise.resolve();
  token = await renewal.run(token, true);
  full = false;
  await renewal.run(token, true);
  expect(types(server)).toEqual(['client_credentials', 'RT1', 'RT2', 'RT3']);
  expect((await stored())?.refresh_token).toBe('RT4');
});

/** A store in memory whose disk can become full: then there is no lease of it to be had, and nothing is written. */
function fillingDisk() {
  const store = new MemoryStore();
  const state = { full: false };
  const noRoom = () => Promise.reject(oauthError('config_error', 'cannot lock it: ENOSPC'));
  const disk: TokenStore = {
    load: (key) => store.load(key),
    save: (...saved) => (state.full ? noRoom() : store.save(...saved)),
    lease: (key, work) => (state.full ? noRoom() : store.lease(key, work)),
  };
  return { disk, state };
}

test('a disk that is full before a renewal: a service gets a new token and keeps it in memory', async () => {
  const { disk, state } = fillingDisk();
  const { renewal, server, stored, log } = setUp({ store: disk });
  let token = await renewal.run(undefined, false);
  state.full = true;
  token = await renewal.run(token, true);
  token = await renewal.run(token, true);
  // Another process could be at work with RT1; RT2 is known to this client alone.
  expect(types(server)).toEqual(['client_credentials', 'client_credentials', 'RT2']);
  expect(log.join()).toContain('going on without the store: cannot lock it: ENOSPC');
  expect((await stored())?.refresh_token).toBe('RT1');
  state.full = false;
  await renewal.run(token, true);
  expect((await stored())?.refresh_token).toBe('RT4');
});

test('on a full disk, a service without refresh tokens goes on with its grant', async () => {
  const { disk, state } = fillingDisk();
  const { server, parts } = setUp({ store: disk });
  const request = async (fields: GrantFields) => {
    const { refreshToken: _, ...response } = await server.request(fields);
    return { ...response, refreshToken: undefined };
  };
  const renewal = new Renewal({ ...parts, request });
  let token = await renewal.run(undefined, false);
  state.full = true;
  for (let i = 0; i < 3; i++) token = await renewal.run(token, true);
  expect(types(server)).toEqual(Array.from({ length: 4 }, () => 'client_credentials'));
});

test.each([false, true])(
  'on a full disk, what a sibling has stored before is taken (a person: %s)',
  async (person) => {
    const { disk, state } = fillingDisk();
    const { renewal, server, parts, log } = setUp({ store: disk, person });
    const first = await renewal.accept(
      await server.request({ grant_type: 'authorization_code' }),
      1_800_000_000,
    );
    await new Renewal(parts).run(first, true);
    state.full = true;
    expect((await renewal.run(first, true)).accessToken.reveal()).toBe('AT2');
    expect(server.requests).toHaveLength(2);
    expect(log).toHaveLength(1);
  },
);

test('a logout on a full disk stays one', async () => {
  const { disk, state } = fillingDisk();
  const { renewal, server } = setUp({ store: disk, person: true });
  await renewal.accept(await server.request({ grant_type: 'authorization_code' }), 1_800_000_000);
  state.full = true;
  const { token, trouble } = await renewal.forget();
  expect(token?.refreshToken?.reveal()).toBe('RT1');
  expect(trouble).toMatchObject({ class: 'config_error' });
  await expect(renewal.run(undefined, false)).rejects.toMatchObject({ class: 'login_required' });
  expect(await renewal.stored()).toBeUndefined();
});

test('a logout on a full disk is not undone by a renewal that is under way', async () => {
  const { disk, state } = fillingDisk();
  const { renewal, server } = setUp({ store: disk });
  const token = await renewal.run(undefined, false);
  state.full = true;
  const [, forgotten] = await Promise.all([renewal.run(token, true), renewal.forget()]);
  expect(forgotten.token?.accessToken.reveal()).toBe('AT2');
  await renewal.run(undefined, false);
  expect(types(server)).toEqual(Array.from({ length: 3 }, () => 'client_credentials'));
});

test('an outage at discovery leaves no mark: the refresh was not sent', async () => {
  const { renewal, server, stored } = setUp();
  const token = await renewal.run(undefined, false);
  const outage = { delivery: 'answered' as const, httpStatus: 502 };
  server.failures = [oauthError('metadata_error', 'no metadata', outage)];
  await expect(renewal.run(token, true)).rejects.toMatchObject({ class: 'metadata_error' });
  expect((await stored())?.refresh_sent_at).toBeUndefined();
});

test('a disk that is full from the beginning is a wrong setting, and nothing is sent', async () => {
  const { disk, state } = fillingDisk();
  const { renewal, server } = setUp({ store: disk });
  state.full = true;
  await expect(renewal.run(undefined, false)).rejects.toMatchObject({ class: 'config_error' });
  expect(server.requests).toEqual([]);
});

test("a full disk does not cost a person's login: what is stored is not refreshed, and a new login is kept in memory", async () => {
  const { disk, state } = fillingDisk();
  const { renewal, server, stored } = setUp({ store: disk, person: true });
  const login = async () =>
    renewal.accept(await server.request({ grant_type: 'authorization_code' }), 1_800_000_000);
  const token = await login();
  state.full = true;
  await expect(renewal.run(token, true)).rejects.toMatchObject({ class: 'config_error' });
  const again = await login();
  expect(again.accessToken.reveal()).toBe('AT2');
  expect((await renewal.run(again, true)).accessToken.reveal()).toBe('AT3');
  expect(types(server)).toEqual(['authorization_code', 'authorization_code', 'RT2']);
  expect((await stored())?.refresh_token).toBe('RT1');
});

test.each([502, 504])(
  "a gateway's %i says nothing about the refresh token: the mark stays",
  async (httpStatus) => {
    const { renewal, server, stored } = setUp();
    const token = await renewal.run(undefined, false);
    server.failures = [
      oauthError('unavailable', 'no answer', { delivery: 'answered', httpStatus }),
    ];
    await expect(renewal.run(token, true)).rejects.toMatchObject({ class: 'unavailable' });
    expect(await stored()).toMatchObject({ refresh_token: 'RT1' });
    expect((await stored())?.refresh_sent_at).toBeDefined();
  },
);

test('what somebody else has stored without a lease is not overwritten', async () => {
  const { renewal, server, store, stored, log } = setUp();
  const token = await renewal.run(undefined, false);
  server.arrived = async () => {
    const { tokens, version } = await store.load(KEY);
    return store.save(KEY, { ...tokens!, access_token: 'theirs' }, version);
  };
  await renewal.run(token, true);
  expect((await stored())?.access_token).toBe('theirs');
  expect(log.join()).toContain('theirs stay');
});

test('tokens that somebody else stores before the refresh is sent are taken, and theirs is not sent twice', async () => {
  const { server, store, parts } = setUp();
  const renewal = new Renewal({
    ...parts,
    store: {
      load: (key) => store.load(key),
      lease: (key, work) => store.lease(key, work),
      async save(key, tokens, version) {
        if (tokens?.refresh_sent_at !== undefined) {
          const issued_at = 1_800_000_000;
          const theirs = { access_token: 'theirs', token_type: 'Bearer' as const, issued_at };
          await store.save(key, theirs, version);
        }
        return store.save(key, tokens, version);
      },
    },
  });
  const token = await renewal.run(undefined, false);
  expect((await renewal.run(token, true)).accessToken.reveal()).toBe('theirs');
  expect(types(server)).toEqual(['client_credentials']);
});

test('a stored token is taken only if it lives as long as the caller needs', async () => {
  const { renewal, parts, clock, server } = setUp();
  await renewal.run(undefined, false);
  clock.advance(30_000);
  const other = new Renewal(parts);
  expect((await other.run(undefined, false, 20)).accessToken.reveal()).toBe('AT1');
  expect((await other.run(undefined, false, 40)).accessToken.reveal()).toBe('AT2');
  expect(types(server)).toEqual(['client_credentials', 'RT1']);
});
