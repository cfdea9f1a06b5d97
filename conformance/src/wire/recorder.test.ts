import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test, vi } from 'vitest';
import { basicCredentials, type Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { Recorder } from './recorder.ts';

async function recorded(
  faults: readonly Fault[],
  use: (origin: string) => Promise<void>,
  held?: (ms: number) => void,
): Promise<Exchange[]> {
  const wire: Exchange[] = [];
  const recorder = await Recorder.open({
    upstream: () =>
      Promise.resolve({
        status: 200,
        headers: { 'Content-Type': 'application/json' },
        body: '{"a":1,"b":2}',
      }),
    endpointOf: (path) => (path === '/token' ? 'token' : 'api'),
    faults,
    held,
    wire,
    startedAt: performance.now(),
  });
  try {
    await use(recorder.origin);
  } finally {
    recorder.close();
  }
  return wire;
}

const post = (url: string, body: string) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(body) });

test('it records what came, name by name, also when a header comes twice', async () => {
  const wire = await recorded([], async (origin) => {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1');
    socket.end(
      'GET /v1?x=1 HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\nauthorization: Bearer b\r\nConnection: close\r\n\r\n',
    );
    await text(socket);
  });
  expect(wire[0]?.request.target).toBe('/v1?x=1');
  expect(
    wire[0]?.request.headers.filter(([name]) => name.toLowerCase() === 'authorization'),
  ).toEqual([
    ['Authorization', 'Bearer a'],
    ['authorization', 'Bearer b'],
  ]);
});

test('a client that asks on when all is over is not answered, and nobody else gets the port', async () => {
  let closed = '';
  const wire = await recorded([], async (origin) => {
    closed = origin;
    await fetch(`${origin}/v1`);
  });
  await expect(fetch(`${closed}/v1`)).rejects.toThrow('fetch failed');
  expect(wire).toHaveLength(1);
  const next = createServer().listen(Number(new URL(closed).port), '127.0.0.1');
  const [error] = (await once(next, 'error')) as [NodeJS.ErrnoException];
  expect(error.code).toBe('EADDRINUSE');
});

test('an idle connection is kept for longer than any trial', async () => {
  await recorded([], async (origin) => {
    const { headers } = await fetch(`${origin}/v1`);
    expect(headers.get('Keep-Alive')).toBe('timeout=300');
  });
});

test('faults count only the exchanges that fit, and keep what the server said', async () => {
  const faults: Fault[] = [
    {
      on: { endpoint: 'token', grant: 'refresh_token', nth: [2] },
      change: { json: { a: undefined, c: 3 } },
    },
    { on: { endpoint: 'api', token: 2 }, answer: { status: 401 } },
  ];
  const wire = await recorded(faults, async (origin) => {
    for (const grant of ['client_credentials', 'refresh_token', 'refresh_token'])
      await post(`${origin}/token`, `grant_type=${grant}`);
    for (const token of ['one', 'two', 'one'])
      await fetch(`${origin}/v1`, { headers: { Authorization: `Bearer ${token}` } });
  });
  expect(wire.map(({ response }) => response?.body)).toEqual([
    '{"a":1,"b":2}',
    '{"a":1,"b":2}',
    '{"b":2,"c":3}',
    '{"a":1,"b":2}',
    '',
    '{"a":1,"b":2}',
  ]);
  expect(wire[2]?.upstream?.body).toBe('{"a":1,"b":2}');
  expect(wire[4]?.upstream).toBeUndefined();
});

test.each(['reset', 'short', 'unterminated'] as const)(
  'an answer that is %s is no whole one for a client that looks at its framing',
  async (breaks) => {
    const wire = await recorded([{ on: { endpoint: 'token' }, breaks }], async (origin) => {
      await expect(post(`${origin}/token`, 'a=1').then((answer) => answer.text())).rejects.toThrow(
        TypeError,
      );
    });
    expect(wire[0]?.upstream).toBeDefined();
    expect(wire[0]?.response === undefined).toBe(breaks === 'reset');
  },
);

test.each([false, true])('a padded answer is the same JSON; compressed: %s', async (gzip) => {
  const bytes = 3 * 1024 * 1024;
  const padding = [{ on: { endpoint: 'token' as const }, padding: { bytes, gzip } }];
  await recorded(padding, async (origin) => {
    const body = await (await post(`${origin}/token`, 'a=1')).text();
    expect(body).toHaveLength(bytes + '{"a":1,"b":2}'.length);
    expect(JSON.parse(body)).toEqual({ a: 1, b: 2 });
  });
});

test('it notes that a client hung up in the middle of a long answer', async () => {
  const faults: Fault[] = [{ on: { endpoint: 'token' }, padding: { bytes: 64 * 1024 * 1024 } }];
  const wire = await recorded(faults, async (origin) => {
    await (await post(`${origin}/token`, 'a=1')).body?.cancel();
  });
  await expect.poll(() => wire[0]?.hungUp).toBe(true);
});

test('what a browser brings to a listener that was there before is not of this wire', async () => {
  const wire = await recorded([], async (origin) => {
    const stray = await fetch(`${origin}/callback?code=another-trial`);
    expect(stray.status).toBe(404);
    await fetch(`${origin}/v1`);
  });
  expect(wire.map(({ request }) => request.target)).toEqual(['/v1']);
});

test('an answer may be held back until another request has been answered', async () => {
  const until = { endpoint: 'token', grant: 'refresh_token' } as const;
  const wire = await recorded([{ on: { endpoint: 'api' }, until }], async (origin) => {
    const held = fetch(`${origin}/v1`);
    await post(`${origin}/token`, 'grant_type=password');
    await post(`${origin}/token`, 'grant_type=refresh_token');
    await held;
  });
  const answeredAt = (body: string) =>
    wire.find(({ request }) => request.body === body)?.answeredAt ?? NaN;
  expect(answeredAt('')).toBeGreaterThan(answeredAt('grant_type=refresh_token'));
});

test('it is told that an answer is held back, and for how long', async () => {
  const held = vi.fn();
  const faults = [{ on: { endpoint: 'api', nth: [2] }, delayMs: 20 }] as const;
  await recorded(
    faults,
    async (origin) => {
      await fetch(`${origin}/v1`);
      expect(held).not.toHaveBeenCalled();
      await fetch(`${origin}/v1`);
    },
    held,
  );
  expect(held.mock.calls).toEqual([[20]]);
});

test('a redirect may lead elsewhere, and what is sent there is recorded too', async () => {
  const answer = { status: 307, headers: { Location: '{elsewhere}/token' } };
  const wire = await recorded([{ on: { endpoint: 'token', nth: [1] }, answer }], async (origin) => {
    const followed = await post(`${origin}/token`, 'a=1');
    expect(new URL(followed.url).origin).not.toBe(origin);
  });
  expect(wire.map(({ request }) => request.body)).toEqual(['a=1', 'a=1']);
});

test('a client in a loop is cut off', async () => {
  const wire = await recorded([], async (origin) => {
    let answered = 0;
    try {
      for (; answered < 1000; answered++) await (await fetch(`${origin}/v1`)).text();
    } catch {
      expect(answered).toBe(200);
    }
  });
  expect(wire.length).toBeLessThan(210);
});

test('Basic credentials are form-decoded, and cut at the first colon only', () => {
  const request = (text: string) => ({
    method: 'POST',
    target: '/',
    body: '',
    headers: [['Authorization', `Basic ${Buffer.from(text).toString('base64')}`]] as const,
  });
  expect(basicCredentials(request('a+b%3Ac:p%2B%C3%A9'))).toEqual({
    clientId: 'a b:c',
    clientSecret: 'p+é',
  });
  expect(basicCredentials(request('no colon'))).toBeUndefined();
});
