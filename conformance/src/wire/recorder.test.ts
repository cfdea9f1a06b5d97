import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { basicCredentials, type Exchange } from './exchange.ts';
import type { Fault } from './fault.ts';
import { Recorder } from './recorder.ts';

async function recorded(
  faults: readonly Fault[],
  use: (origin: string) => Promise<void>,
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
    wire,
    startedAt: performance.now(),
  });
  try {
    await use(recorder.origin);
  } finally {
    await recorder.close();
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
