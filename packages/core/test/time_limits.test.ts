import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryStore, TokenClient } from '../src/index.ts';
import { bearer, issuing, type Seen, Server } from './fixtures/servers.ts';

const CLIENT = { clientId: 'id', clientSecret: 'secret' };
const LIMIT_MS = 30_000;

// The limits are timers; sockets and servers keep their real time.
beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** What becomes of a call when the time limit passes, once a server has been asked so often. */
async function afterLimit(
  call: Promise<unknown>,
  { seen }: { seen: readonly Seen[] },
  count: number,
): Promise<unknown> {
  let end: unknown = 'none yet';
  const ended = call.then(
    () => (end = 'success'),
    (error: unknown) => (end = error),
  );
  while (seen.length < count) await new Promise((resolve) => setImmediate(resolve));
  vi.advanceTimersByTime(LIMIT_MS - 1);
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(end).toBe('none yet');
  vi.advanceTimersByTime(1);
  await ended;
  return end;
}

test.each([
  ['does not answer (punkpeye/fastmcp#304)', { silent: true }],
  ['begins an answer and never ends it', { trickles: '{"access_token":' }],
])('a token endpoint that %s is given up after 30 s, and its lease is free', async (_, answer) => {
  let isSlow = true;
  const issue = issuing();
  await using server = await Server.start((seen) => (isSlow ? answer : issue(seen)));
  const store = new MemoryStore();
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, store });
  expect(await afterLimit(client.getToken(), server, 1)).toMatchObject({
    class: 'timeout',
    delivery: 'no_answer',
    retryable: true,
    message: `POST ${server.origin}/: no whole answer within 30 s`,
  });
  isSlow = false;
  expect((await client.getToken()).accessToken.reveal()).toBe('AT1');
});

test('an API has to begin its answer within 30 s, and may take its time for the rest', async () => {
  let isSilent = false;
  await using server = await Server.start(issuing());
  await using api = await Server.start((seen) =>
    isSilent ? { silent: true } : { trickles: `as ${bearer(seen)}` },
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  const response = await client.fetch('/');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  vi.advanceTimersByTime(LIMIT_MS * 10);
  expect((await reader.read()).value).toBe('as AT1');
  await reader.cancel();
  isSilent = true;
  expect(await afterLimit(client.fetch('/'), api, 2)).toMatchObject({ class: 'timeout' });
});
