import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type ListenerOptions,
  LoopbackListener,
} from '../src/authorization_code/loopback_listener.ts';
import { OAuthError } from '../src/errors.ts';

const STATE = 'right-state';
const EXPECTED = { state: STATE, issuer: 'https://id.example', issuerRequired: false };
const started: LoopbackListener[] = [];

async function start(options: Partial<ListenerOptions> = {}): Promise<LoopbackListener> {
  const listener = await LoopbackListener.start({
    expected: EXPECTED,
    timeLimitMs: 10_000,
    ...options,
  });
  started.push(listener);
  return listener;
}

afterEach(async () => {
  for (const listener of started.splice(0)) await listener.close();
});

async function failure(promise: Promise<unknown>): Promise<OAuthError> {
  const error: unknown = await promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
  if (error instanceof OAuthError) return error;
  throw error;
}

const portOf = ({ redirectUri }: LoopbackListener) => Number(new URL(redirectUri).port);
const callbackOf = (listener: LoopbackListener, query = 'code=SeCrEt') =>
  `${listener.redirectUri}?${query}&state=${STATE}`;

/** Sends the very text: fetch would choose Host and method itself. */
async function raw(listener: LoopbackListener, request: string): Promise<string> {
  const socket = connect(portOf(listener), '127.0.0.1');
  socket.write(request);
  return text(socket);
}

const get = (listener: LoopbackListener, target: string, host?: string) =>
  raw(
    listener,
    `GET ${target} HTTP/1.1\r\nHost: ${host ?? `127.0.0.1:${portOf(listener)}`}\r\n\r\n`,
  );

/** The login still ends as it should, after whatever happened before. */
async function stillWaits(listener: LoopbackListener, wait: Promise<string>): Promise<void> {
  expect((await fetch(callbackOf(listener))).status).toBe(200);
  expect(await wait).toBe('SeCrEt');
}

async function isRefused(port: number, host: string): Promise<boolean> {
  const socket = connect(port, host);
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(2000) });
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

describe('the address', () => {
  test('is 127.0.0.1 with a free port and /callback', async () => {
    const [one, other] = [await start(), await start()];
    expect(one.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect(one.redirectUri).not.toBe(other.redirectUri);
  });

  test('is reached by no other address of the machine', async () => {
    const port = portOf(await start());
    const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
    const others = addresses.map(({ address }) => address).filter((one) => one !== '127.0.0.1');
    for (const address of ['127.0.0.2', '::1', ...others]) {
      expect(await isRefused(port, address), address).toBe(true);
    }
    expect(await isRefused(port, '127.0.0.1')).toBe(false);
  });

  test('has the port, path and query that are configured', async () => {
    const first = await start();
    const port = portOf(first);
    await first.close();
    const listener = await start({ port, path: '/a%20b/?tenant=x&y' });
    expect(listener.redirectUri).toBe(`http://127.0.0.1:${port}/a%20b/?tenant=x&y`);
    const wait = listener.wait();
    await fetch(`${listener.redirectUri}&code=c&state=${STATE}`);
    expect(await wait).toBe('c');
  });

  test('a busy port is named, with the cure', async () => {
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    const address = blocker.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const error = await failure(start({ port }));
    blocker.close();
    expect(error.class).toBe('config_error');
    expect(error.message).toMatch(new RegExp(`port ${port} .* in use: .*another redirectPort`));
  });

  test.each([-1, 65_536, 1.5, Number.NaN])('port %s is a config error', async (port) => {
    expect((await failure(start({ port }))).class).toBe('config_error');
  });

  test.each(['callback', '', '/a b', '/a/../b', '/é', '/a#b', '@evil.example/', ':1/'])(
    'path %j is a config error',
    async (path) => {
      expect((await failure(start({ path }))).class).toBe('config_error');
    },
  );

  test.each([0, -1, Number.NaN, Infinity, 2 ** 31])(
    'time limit %s is a config error',
    async (limit) => {
      expect((await failure(start({ timeLimitMs: limit }))).class).toBe('config_error');
    },
  );
});

describe('stray requests do not end the wait', () => {
  test.each([
    ['/favicon.ico', 404],
    ['/', 404],
    ['/callback/', 404],
    [`/callback/x?code=c&state=${STATE}`, 404],
    [`/CALLBACK?code=c&state=${STATE}`, 404],
    [`//callback?code=c&state=${STATE}`, 404],
    [`http://127.0.0.1/callback?code=c&state=${STATE}`, 404],
    ['/callback', 400],
    ['/callback?code=c', 400],
    ['/callback?code=c&state=wrong', 400],
    ['/callback?error=access_denied&state=wrong', 400],
    ['/callback?error=access_denied', 400],
  ])('%s is answered %s', async (target, status) => {
    const listener = await start();
    const wait = listener.wait();
    expect(await get(listener, target)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await stillWaits(listener, wait);
  });

  test.each([
    [8192, 414],
    [40_000, 431],
  ])('a code of %s bytes is answered %s', async (length, status) => {
    const listener = await start();
    const wait = listener.wait();
    const answer = await get(listener, `/callback?state=${STATE}&code=${'c'.repeat(length)}`);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    await stillWaits(listener, wait);
  });

  test.each(['HEAD', 'POST', 'PUT', 'OPTIONS', 'DELETE'])('%s is answered 405', async (method) => {
    const listener = await start();
    const wait = listener.wait();
    const response = await fetch(callbackOf(listener), { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET');
    await stillWaits(listener, wait);
  });

  test.each(['evil.example', 'localhost', 'evil.example:80', '127.0.0.1', '[::1]', ''])(
    'Host %j is answered 400',
    async (host) => {
      const listener = await start();
      const wait = listener.wait();
      for (const name of [host, host && `${host}:${portOf(listener)}`]) {
        if (name === `127.0.0.1:${portOf(listener)}`) continue;
        const answer = await get(listener, `/callback?code=c&state=${STATE}`, name);
        expect(answer).toMatch(/^HTTP\/1\.1 400 /);
      }
      await stillWaits(listener, wait);
    },
  );

  test('no Host at all is answered 400', async () => {
    const listener = await start();
    const wait = listener.wait();
    for (const version of ['1.0', '1.1']) {
      const request = `GET /callback?code=c&state=${STATE} HTTP/${version}\r\n\r\n`;
      expect(await raw(listener, request)).toMatch(/^HTTP\/1\.1 400 /);
    }
    await stillWaits(listener, wait);
  });

  test('nor do silence, half a request, a reset and noise', async () => {
    const listener = await start();
    const wait = listener.wait();
    const open = async () => {
      const socket = connect(portOf(listener), '127.0.0.1').on('error', () => {});
      await once(socket, 'connect');
      return socket;
    };
    const [silent, half, reset] = [await open(), await open(), await open()];
    half.write('GET /callback?co');
    reset.resetAndDestroy();
    await raw(listener, '\x16\x03\x01 not HTTP\r\n\r\n');
    await stillWaits(listener, wait);
    for (const socket of [silent, half]) socket.destroy();
  });
});

describe('the callback', () => {
  test('gives its code, and closes the port', async () => {
    const listener = await start();
    const wait = listener.wait();
    await stillWaits(listener, wait);
    expect(await isRefused(portOf(listener), '127.0.0.1')).toBe(true);
  });

  test('is the first one: the second gets a page that says so', async () => {
    const listener = await start();
    expect((await fetch(callbackOf(listener, 'code=first'))).status).toBe(200);
    for (const query of ['code=second', 'error=access_denied']) {
      const second = await fetch(callbackOf(listener, query));
      expect(second.status).toBe(410);
      expect(await second.text()).toContain('answered before');
    }
    expect(await listener.wait()).toBe('first');
  });

  test('with a refusal ends the wait at once', async () => {
    const listener = await start();
    const error = failure(listener.wait());
    const response = await fetch(callbackOf(listener, 'error=access_denied'));
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('access_denied');
    expect((await error).class).toBe('access_denied');
    expect(await isRefused(portOf(listener), '127.0.0.1')).toBe(true);
  });

  test('that doubles the right state or the code ends the wait', async () => {
    for (const query of [`state=${STATE}&code=c`, 'state=wrong&code=c', 'code=c&code=d']) {
      const listener = await start();
      const error = failure(listener.wait());
      await fetch(callbackOf(listener, query));
      expect((await error).class).toBe('invalid_response');
    }
  });

  test('counts although the browser resets before it reads the page', async () => {
    const listener = await start();
    const wait = listener.wait();
    const socket = connect(portOf(listener), '127.0.0.1').on('error', () => {});
    const target = `/callback?code=c&state=${STATE}`;
    socket.write(`GET ${target} HTTP/1.1\r\nHost: 127.0.0.1:${portOf(listener)}\r\n\r\n`, () =>
      socket.resetAndDestroy(),
    );
    // Whether the reset overtakes the request is up to the system: the login must end with the code, or still be open.
    const outcome = await Promise.race([wait, pause(500, 'open')]);
    if (outcome === 'open') await stillWaits(listener, wait);
    else expect(outcome).toBe('c');
  });

  test('gets its whole page before the connection closes', async () => {
    const listener = await start();
    const wait = listener.wait();
    expect(await get(listener, `/callback?code=c&state=${STATE}`)).toMatch(/<\/html>$/);
    expect(await wait).toBe('c');
  });
});

describe('every page', () => {
  test.each([
    ['code=SeCrEt', 200],
    ['error=access_denied&error_description=No', 400],
    ['code=SeCrEt&iss=https://evil.example', 400],
  ])('for %s shows no code and no state, loads nothing and is not kept', async (query, status) => {
    const listener = await start();
    const wait = listener.wait().catch(() => {});
    const response = await fetch(callbackOf(listener, query));
    const body = await response.text();
    await wait;
    expect(response.status).toBe(status);
    expect(body).not.toMatch(/SeCrEt|right-state|<script|src=|href=/);
    const style = /<style>(.*)<\/style>/.exec(body)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}';`);
    expect(response.headers.get('referrer-policy')).toBe('no-referrer');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('connection')).toBe('close');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
  });

  test("escapes the server's text", async () => {
    const listener = await start();
    const wait = failure(listener.wait());
    const hostile = encodeURIComponent(`</p><script>alert("1'&")</script>\r\n\x1b[31m`);
    const query = `error=${hostile}&error_description=${hostile}`;
    const body = await (await fetch(callbackOf(listener, query))).text();
    expect(body).not.toMatch(/<script|\p{Cc}/iu);
    expect(body).toContain('&#60;script&#62;alert(&#34;1&#39;&#38;&#34;)');
    expect((await wait).oauthDescription).not.toMatch(/\p{Cc}/u);
  });

  test('for a stray request repeats nothing of it', async () => {
    const listener = await start();
    const answer = await get(listener, '/callback?code=SeCrEt&state=<script>wrong');
    expect(answer).not.toMatch(/SeCrEt|script|wrong/);
    expect(answer).toContain("default-src 'none'");
  });
});

describe('the end of the wait', () => {
  test('the time limit says that nobody came back, and closes the port', async () => {
    const listener = await start({ timeLimitMs: 100 });
    const error = await failure(listener.wait());
    expect(error.class).toBe('timeout');
    expect(error.message).toBe('login: nobody came back from the browser within 0.1 s');
    expect(await isRefused(portOf(listener), '127.0.0.1')).toBe(true);
  });

  test('the time limit closes the port although nobody waits', async () => {
    const listener = await start({ timeLimitMs: 50 });
    await pause(150);
    expect(await isRefused(portOf(listener), '127.0.0.1')).toBe(true);
    expect((await failure(listener.wait())).class).toBe('timeout');
  });

  test('the time limit does not lose a callback that came in time', async () => {
    const listener = await start({ timeLimitMs: 200 });
    await (await fetch(callbackOf(listener))).text();
    await pause(300);
    expect(await listener.wait()).toBe('SeCrEt');
  });

  test('the time limit tells of callbacks that were turned away', async () => {
    const listener = await start({ timeLimitMs: 300 });
    const error = failure(listener.wait());
    await get(listener, '/callback?code=c&state=wrong');
    expect((await error).message).toMatch(/turned away for their state: 1$/);
  });

  test('an idle connection does not prolong it', async () => {
    const listener = await start({ timeLimitMs: 200 });
    const socket = connect(portOf(listener), '127.0.0.1').on('error', () => {});
    const closed = once(socket, 'close');
    expect((await failure(listener.wait())).class).toBe('timeout');
    await closed;
  });

  test('a signal ends it with its reason, before or while it waits', async () => {
    const early = await start();
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(early.wait({ signal: aborted })).rejects.toThrow('enough');
    const listener = await start();
    const controller = new AbortController();
    const wait = listener.wait({ signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(wait).rejects.toThrow('enough');
    for (const { redirectUri } of [early, listener]) {
      expect(await isRefused(Number(new URL(redirectUri).port), '127.0.0.1')).toBe(true);
    }
  });

  test('close() may be repeated, also while another one is under way', async () => {
    const listener = await start();
    const wait = failure(listener.wait());
    await Promise.all([listener.close(), listener.close()]);
    await listener.close();
    expect((await wait).class).toBe('login_required');
    expect((await failure(listener.wait())).class).toBe('login_required');
  });
});
