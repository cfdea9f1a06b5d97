import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { authorizationUrl } from '../src/authorization_code/authorization_request.ts';
import { readCallback } from '../src/authorization_code/authorization_response.ts';
import { openBrowser, opener } from '../src/authorization_code/browser.ts';
import { Login, type LoginOptions } from '../src/authorization_code/login.ts';
import { newVerifier, s256Challenge } from '../src/authorization_code/pkce.ts';
import { sameText, unguessable } from '../src/authorization_code/unguessable.ts';
import { OAuthError } from '../src/errors.ts';

async function failure(run: () => unknown): Promise<OAuthError> {
  try {
    await run();
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('PKCE', () => {
  test('the challenge is that of RFC 7636, appendix B', () => {
    const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
    expect(s256Challenge(verifier)).toBe('E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM');
  });

  test('a verifier has 43 unreserved characters and is new every time', () => {
    const verifiers = Array.from({ length: 500 }, newVerifier);
    for (const verifier of verifiers) expect(verifier).toMatch(/^[A-Za-z0-9._~-]{43}$/);
    expect(new Set(verifiers).size).toBe(500);
  });

  test('a verifier does not come from Math.random', () => {
    const random = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    expect(newVerifier()).not.toBe(newVerifier());
    random.mockRestore();
  });
});

describe('unguessable texts', () => {
  test('are 256 bits that need no escaping', () => {
    const text = unguessable();
    expect(Buffer.from(text, 'base64url')).toHaveLength(32);
    expect(encodeURIComponent(text)).toBe(text);
  });

  test.each([
    ['abc', 'abc', true],
    ['abc', 'abd', false],
    ['abc', 'ab', false],
    ['abc', 'abcabc', false],
    ['', 'abc', false],
  ])('%j and %j are the same: %s', (one, other, same) => {
    expect(sameText(one, other)).toBe(same);
  });
});

describe('authorizationUrl()', () => {
  const REQUEST = {
    clientId: 'korus desktop&co',
    redirectUri: 'http://127.0.0.1:5555/callback/?tenant=a&b=c+d',
    scope: 'openid email',
    state: 'st',
    nonce: 'no',
    challenge: 'ch',
  };
  const ENDPOINT = new URL('https://id.example/authorize');

  test('says every parameter once', () => {
    const { searchParams } = authorizationUrl(ENDPOINT, REQUEST);
    expect([...searchParams]).toEqual([
      ['response_type', 'code'],
      ['client_id', 'korus desktop&co'],
      ['redirect_uri', 'http://127.0.0.1:5555/callback/?tenant=a&b=c+d'],
      ['scope', 'openid email'],
      ['state', 'st'],
      ['nonce', 'no'],
      ['code_challenge', 'ch'],
      ['code_challenge_method', 'S256'],
    ]);
  });

  test('encodes the redirect URI as one value', () => {
    expect(authorizationUrl(ENDPOINT, REQUEST).search).toContain(
      'redirect_uri=http%3A%2F%2F127.0.0.1%3A5555%2Fcallback%2F%3Ftenant%3Da%26b%3Dc%2Bd&',
    );
  });

  test("keeps the endpoint's own query as it is spelt, and the endpoint as it was", () => {
    const endpoint = new URL('https://id.example/authorize?p=a%20b&flag&p=c#top');
    const url = authorizationUrl(endpoint, REQUEST);
    expect(url.href).toMatch(/^https:\/\/id\.example\/authorize\?p=a%20b&flag&p=c&response_type=/);
    expect(url.hash).toBe('');
    expect(endpoint.search).toBe('?p=a%20b&flag&p=c');
  });

  test("a parameter of the request takes the place of the endpoint's", () => {
    const endpoint = new URL('https://id.example/a?state=x&%63lient_id=y&prompt=none&keep=1');
    const url = authorizationUrl(endpoint, { ...REQUEST, extra: { prompt: 'login' } });
    expect(url.searchParams.getAll('state')).toEqual(['st']);
    expect(url.searchParams.getAll('client_id')).toEqual(['korus desktop&co']);
    expect(url.searchParams.getAll('prompt')).toEqual(['login']);
    expect(url.searchParams.getAll('keep')).toEqual(['1']);
  });

  test.each([undefined, 'email', 'openid2 xopenid', 'OPENID'])('no nonce for scope %s', (scope) => {
    expect(authorizationUrl(ENDPOINT, { ...REQUEST, scope }).searchParams.has('nonce')).toBe(false);
  });

  test('no empty parameters', () => {
    const { searchParams } = authorizationUrl(ENDPOINT, {
      ...REQUEST,
      scope: '',
      extra: { prompt: undefined, login_hint: '' },
    });
    for (const name of ['scope', 'prompt', 'login_hint'])
      expect(searchParams.has(name)).toBe(false);
  });

  test.each(['state', 'nonce', 'code_challenge_method', 'response_type', 'response_mode'])(
    'an extra %s is refused',
    async (name) => {
      const extra = { prompt: 'login', [name]: 'plain' };
      const error = await failure(() => authorizationUrl(ENDPOINT, { ...REQUEST, extra }));
      expect(error.class).toBe('config_error');
      expect(error.message).toContain(name);
      expect(error.message).not.toContain('prompt');
    },
  );
});

const ISSUER = 'https://id.example/realms/korus';
const EXPECTED = { state: 'right-state', issuer: ISSUER, issuerRequired: false };

function callback(query: string): URL {
  return new URL(`http://127.0.0.1:5555/callback?${query}`);
}

describe('readCallback()', () => {
  const read = (query: string, expected: Partial<typeof EXPECTED> = {}) =>
    readCallback(callback(query), { ...EXPECTED, ...expected });
  const refused = (query: string, expected: Partial<typeof EXPECTED> = {}) =>
    failure(() => read(query, expected));

  test.each([
    ['a%2Bb%2Fc%3D%3D%252F~', 'a+b/c==%2F~'],
    ['x'.repeat(2048), 'x'.repeat(2048)],
    ['%257B', '%7B'],
  ])('gives the code %# decoded once', (sent, code) => {
    expect(read(`code=${sent}&state=right-state`)).toBe(code);
  });

  test('ignores what it does not know, even if it occurs twice', () => {
    const query = 'code=c&state=right-state&session_state=a&x=1&x=2&constructor=1#code=d';
    expect(read(query)).toBe('c');
  });

  test.each([
    ['a wrong one', 'code=SeCrEt&state=wrong'],
    ['none', 'code=SeCrEt'],
    ['an empty one', 'code=SeCrEt&state='],
    ['a longer one', 'code=SeCrEt&state=right-state2'],
    ['one in another case', 'code=SeCrEt&state=RIGHT-STATE'],
    ['two wrong ones', 'code=SeCrEt&state=a&state=b'],
  ])('state: %s is a mismatch', async (_, query) => {
    const error = await refused(query);
    expect(error.class).toBe('state_mismatch');
    expect(inspect(error)).not.toMatch(/SeCrEt|right-state/);
  });

  test('an error with a wrong state is not believed', async () => {
    const error = await refused('error=access_denied&error_description=forged&state=wrong');
    expect(error.class).toBe('state_mismatch');
    expect(inspect(error)).not.toContain('forged');
  });

  test.each([
    ['access_denied', 'access_denied'],
    ['invalid_scope', 'invalid_scope'],
    ['login_required', 'login_required'],
    ['interaction_required', 'login_required'],
    ['consent_required', 'login_required'],
    ['account_selection_required', 'login_required'],
    ['temporarily_unavailable', 'unavailable'],
    ['server_error', 'unavailable'],
    ['unauthorized_client', 'invalid_client'],
    ['invalid_request', 'invalid_response'],
    ['unheard_of', 'invalid_response'],
    ['constructor', 'invalid_response'],
    ['__proto__', 'invalid_response'],
  ])('error %s is %s', async (word, errorClass) => {
    const error = await refused(
      `error=${word}&error_description=Sorry&error_uri=https%3A%2F%2Fid.example%2Fe&state=right-state`,
    );
    expect(error.class).toBe(errorClass);
    expect(error).toMatchObject({
      oauthError: word,
      oauthDescription: 'Sorry',
      oauthUri: 'https://id.example/e',
    });
    expect(error.message).toBe(`authorization at ${ISSUER}: ${word}: Sorry`);
  });

  test('the words of a hostile server are cut and have no control characters', async () => {
    const hostile = encodeURIComponent(`\r\n\x1b[31mred\x07‮${'A'.repeat(1024 * 1024)}`);
    const error = await refused(
      `error=${hostile}&error_description=${hostile}&error_uri=${hostile}&state=right-state`,
    );
    expect(error.class).toBe('invalid_response');
    for (const text of [error.oauthError, error.oauthDescription, error.oauthUri, error.message]) {
      expect(text).toMatch(/A…/);
      expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(text?.length).toBeLessThan(500);
    }
  });

  test.each(['https://evil.example', `${ISSUER}/`, ISSUER.toUpperCase(), 'HTTPS://id.example'])(
    'iss %s is a mismatch with both values in the message',
    async (iss) => {
      const error = await refused(`code=c&state=right-state&iss=${encodeURIComponent(iss)}`);
      expect(error.class).toBe('issuer_mismatch');
      expect(error.message).toContain(`${iss},`);
      expect(error.message).toContain(`${ISSUER} was`);
    },
  );

  test.each(['code=c', 'code=c&iss=', 'error=access_denied'])(
    '%s without a promised iss is a mismatch',
    async (query) => {
      const error = await refused(`${query}&state=right-state`, { issuerRequired: true });
      expect(error.class).toBe('issuer_mismatch');
      expect(error.message).toContain(ISSUER);
    },
  );

  test('an error with a wrong iss is not believed', async () => {
    const query = 'error=access_denied&state=right-state&iss=https%3A%2F%2Fevil.example';
    expect((await refused(query)).class).toBe('issuer_mismatch');
  });

  test('the right iss, one that was not promised, and one nobody can compare are fine', () => {
    const iss = `iss=${encodeURIComponent(ISSUER)}`;
    expect(read(`code=c&state=right-state&${iss}`, { issuerRequired: true })).toBe('c');
    expect(read('code=c&state=right-state')).toBe('c');
    const nobody = { state: 'right-state', issuer: undefined, issuerRequired: false };
    expect(readCallback(callback(`code=c&state=right-state&${iss}`), nobody)).toBe('c');
  });

  test('a hostile iss is made printable', async () => {
    const iss = encodeURIComponent(`\r\n\x1b[31m${'A'.repeat(1024 * 1024)}`);
    const { message } = await refused(`code=c&state=right-state&iss=${iss}`);
    expect(message.length).toBeLessThan(500);
    expect(message).not.toMatch(/\p{Cc}/u);
  });

  test.each([
    'code=SeCrEt&code=SeCrEt',
    'code=SeCrEt&code=',
    'code=SeCrEt&state=other',
    'code=SeCrEt&state=right-state',
    `code=SeCrEt&iss=${ISSUER}&iss=https://evil.example`,
    'error=access_denied&error=access_denied',
    'error=access_denied&error_description=a&error_description=b',
    '',
    'code=',
    'error=',
  ])('%j with the right state is an invalid response', async (query) => {
    const error = await refused(`${query}&state=right-state`);
    expect(error.class).toBe('invalid_response');
    expect(inspect(error)).not.toMatch(/SeCrEt|right-state/);
  });

  test('the error wins over a code beside it', async () => {
    const error = await refused('code=c&error=access_denied&state=right-state');
    expect(error.class).toBe('access_denied');
    expect(error.oauthError).toBe('access_denied');
  });
});

describe('Login', () => {
  const OPTIONS: LoginOptions = {
    authorizationEndpoint: new URL('https://id.example/authorize?p=1'),
    issuer: ISSUER,
    issuerRequired: false,
    clientId: 'korus-desktop',
    scope: 'openid',
  };
  const begun: Login[] = [];
  const begin = async (options: Partial<LoginOptions> = {}) => {
    const login = await Login.begin({ ...OPTIONS, ...options });
    begun.push(login);
    return login;
  };
  const stateOf = (login: Login) => login.authorizationUrl.searchParams.get('state') ?? '';
  const answerTo = (login: Login, code = 'c') =>
    `${login.redirectUri}?code=${code}&state=${stateOf(login)}`;
  afterEach(async () => {
    for (const login of begun.splice(0)) await login.cancel();
  });

  async function isOpen(redirectUri: string): Promise<boolean> {
    const socket = connect(Number(new URL(redirectUri).port), '127.0.0.1');
    return new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    }).then((open) => {
      socket.destroy();
      return open === true;
    });
  }

  test('waits for the browser and gives what the token request needs', async () => {
    const login = await begin();
    const asked = login.authorizationUrl.searchParams;
    const finished = login.finish();
    expect((await fetch(answerTo(login, 'a%2Bb%252F'))).status).toBe(200);
    const { code, redirectUri, verifier, nonce } = await finished;
    expect(code.reveal()).toBe('a+b%2F');
    expect(redirectUri).toBe(asked.get('redirect_uri'));
    expect(nonce?.reveal()).toBe(asked.get('nonce'));
    expect(login.nonce?.reveal()).toBe(asked.get('nonce'));
    const challenge = createHash('sha256').update(verifier.reveal()).digest('base64url');
    expect(asked.get('code_challenge')).toBe(challenge);
    expect(await isOpen(redirectUri)).toBe(false);
  });

  test('takes a callback that came before anybody waited', async () => {
    const login = await begin();
    await (await fetch(answerTo(login))).text();
    expect((await login.finish()).code.reveal()).toBe('c');
  });

  test('reads a pasted callback and closes the port', async () => {
    const login = await begin();
    expect((await login.finish(` ${answerTo(login)}\n`)).code.reveal()).toBe('c');
    expect(await isOpen(login.redirectUri)).toBe(false);
    const other = await begin();
    expect((await other.finish(new URL(answerTo(other)))).code.reveal()).toBe('c');
  });

  test.each([
    ['not a url, code=SeCrEt', 'invalid_response'],
    ['http://127.0.0.1:1/callback?code=SeCrEt&state=wrong', 'state_mismatch'],
  ])('refuses the pasted %j and closes the port', async (pasted, errorClass) => {
    const login = await begin();
    const error = await failure(() => login.finish(pasted));
    expect(error.class).toBe(errorClass);
    expect(inspect(error)).not.toContain('SeCrEt');
    expect(await isOpen(login.redirectUri)).toBe(false);
  });

  test('can be finished once, whoever asks again and however it ended', async () => {
    const succeeded = await begin();
    await succeeded.finish(answerTo(succeeded));
    const failed = await begin();
    await failure(() => failed.finish('http://127.0.0.1/?state=wrong'));
    const cancelled = await begin();
    await cancelled.cancel();
    for (const login of [succeeded, failed, cancelled]) {
      expect((await failure(() => login.finish(answerTo(login)))).class).toBe('login_required');
      expect((await failure(() => login.finish())).class).toBe('login_required');
    }
  });

  test('two finish() at once: one gets the code', async () => {
    const login = await begin();
    const both = [login.finish(answerTo(login)), login.finish(answerTo(login))];
    const outcomes = (await Promise.allSettled(both)).map(({ status }) => status);
    expect(outcomes.toSorted()).toEqual(['fulfilled', 'rejected']);
  });

  test('two logins at once keep their state and verifier apart', async () => {
    const [one, other] = [await begin(), await begin()];
    expect(stateOf(one)).not.toBe(stateOf(other));
    expect(one.nonce?.reveal()).not.toBe(other.nonce?.reveal());
    const [second, first] = [await other.finish(answerTo(other)), await one.finish(answerTo(one))];
    for (const [login, { verifier }] of [[one, first] as const, [other, second] as const]) {
      expect(login.authorizationUrl.searchParams.get('code_challenge')).toBe(
        s256Challenge(verifier.reveal()),
      );
    }
    const crossed = await begin();
    const error = await failure(() => crossed.finish(answerTo(one)));
    expect(error.class).toBe('state_mismatch');
  });

  test('cancel() ends who waits, and closes the port', async () => {
    const login = await begin();
    const error = failure(() => login.finish());
    await login.cancel();
    await login.cancel();
    expect((await error).class).toBe('login_required');
    expect(await isOpen(login.redirectUri)).toBe(false);
  });

  test.each(['waiting', 'pasting'])('an aborted signal ends it when %s', async (how) => {
    const login = await begin();
    const signal = AbortSignal.abort(new Error('enough'));
    const pasted = how === 'pasting' ? answerTo(login) : undefined;
    await expect(login.finish(pasted, { signal })).rejects.toThrow('enough');
    expect(await isOpen(login.redirectUri)).toBe(false);
  });

  test('has no nonce without openid', async () => {
    const login = await begin({ scope: 'email' });
    expect(login.nonce).toBeUndefined();
    expect((await login.finish(answerTo(login))).nonce).toBeUndefined();
  });

  test('closes the port when the request cannot be made', async () => {
    const port = await freePort();
    const error = await failure(() => begin({ redirectPort: port, extra: { state: 'mine' } }));
    expect(error.class).toBe('config_error');
    expect(await isOpen(`http://127.0.0.1:${port}`)).toBe(false);
  });

  test('a caller cannot change the request', async () => {
    const login = await begin();
    login.authorizationUrl.searchParams.set('code_challenge_method', 'plain');
    expect(login.authorizationUrl.searchParams.get('code_challenge_method')).toBe('S256');
  });

  test('prints without state, verifier, nonce and code', async () => {
    const login = await begin();
    const finished = await login.finish(answerTo(login, 'SeCrEt'));
    const { state, nonce } = Object.fromEntries(login.authorizationUrl.searchParams);
    const hidden = [state, nonce, finished.verifier.reveal(), 'SeCrEt'];
    for (const value of [login, finished, { a: [login] }]) {
      for (const print of [
        inspect(value, { depth: 9, showHidden: true, getters: true }),
        inspect(value, { customInspect: false, depth: 9, showHidden: true }),
        JSON.stringify(value),
      ]) {
        for (const text of hidden) expect(print).not.toContain(text);
      }
    }
    expect(inspect(login)).toContain(login.redirectUri);
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

describe('openBrowser()', () => {
  const url = new URL('https://id.example/a?x=$(touch+pwned)&y=`id`;z&state=SeCrEt');
  const path = process.env['PATH'] ?? '';
  afterEach(() => vi.unstubAllEnvs());

  test('every system has its usual way, and none is a shell', () => {
    expect(opener('linux')).toEqual(['xdg-open']);
    expect(opener('freebsd')).toEqual(['xdg-open']);
    expect(opener('darwin')).toEqual(['/usr/bin/open']);
    expect(opener('win32', 'D:\\W')).toEqual([
      'D:\\W\\System32\\rundll32.exe',
      'url.dll,FileProtocolHandler',
    ]);
  });

  test.runIf(process.platform === 'linux')(
    'hands the URL over as one argument, without the settings',
    async () => {
      const folder = await mkdtemp(join(tmpdir(), 'browser-'));
      const script = '#!/bin/sh\nprintf "%s\\n" "$#" "$@" "[$OAUTH_CLIENT_SECRET]" > "$0.part"\n';
      await writeFile(join(folder, 'xdg-open'), `${script}mv "$0.part" "$0.seen"\n`);
      await chmod(join(folder, 'xdg-open'), 0o755);
      vi.stubEnv('PATH', `${folder}:${path}`);
      vi.stubEnv('OAUTH_CLIENT_SECRET', 'hunter2');
      expect(await openBrowser(url)).toBe(true);
      const seen = () => readFile(join(folder, 'xdg-open.seen'), 'utf8').catch(() => undefined);
      for (let tries = 0; tries < 100 && (await seen()) === undefined; tries += 1) await pause(20);
      expect(await seen()).toBe(`1\n${url.href}\n[]\n`);
      await rm(folder, { recursive: true });
    },
  );

  test.runIf(process.platform === 'linux')('is false where there is no browser', async () => {
    vi.stubEnv('PATH', '/nonexistent');
    expect(await openBrowser(url)).toBe(false);
  });

  test.each(['file:///etc/passwd', 'javascript:alert(1)', 'mailto:a@b.example', 'ftp://x/'])(
    'does not open %s',
    async (other) => {
      expect(await openBrowser(new URL(other))).toBe(false);
    },
  );
});

// `execFile` is bound to a fixture that would listen for five minutes.
describe('a process', () => {
  const fixture = join(import.meta.dirname, 'fixtures/login_process.ts');

  function start(how: string) {
    const child = execFile(process.execPath, [fixture, how], { timeout: 20_000 });
    let output = '';
    child.stdout?.on('data', (text: string) => (output += text));
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const line = async (number: number) => {
      while (output.split('\n').length <= number + 1 && child.exitCode === null) await pause(20);
      return output.split('\n')[number] ?? '';
    };
    return { child, exited, line };
  }

  test.each(['abandoned', 'connected'])('whose login is %s ends', async (how) => {
    expect(await start(how).exited).toBe(0);
  });

  test('that has finished ends, although connections are open', async () => {
    const { exited, line, child } = start('finish');
    const { searchParams } = new URL(await line(0));
    const redirectUri = searchParams.get('redirect_uri') ?? '';
    const idle = connect(Number(new URL(redirectUri).port), '127.0.0.1');
    idle.on('error', () => {});
    await new Promise((resolve) => idle.once('connect', resolve));
    await pause(300);
    expect(child.exitCode).toBe(null);
    await (await fetch(`${redirectUri}?code=c&state=${searchParams.get('state')}`)).text();
    expect(await exited).toBe(0);
    expect(await line(1)).toBe('finished');
    idle.destroy();
  });
});
