// Bugs that other clients had, or have: each test is named after the report.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { TokenClient } from '../../src/index.ts';
import { bearer, grants, issuing, Server } from '../fixtures/servers.ts';

const CLIENT = { clientId: 'id', clientSecret: 'secret' };

test('spring-security#15295: a hundred callers without a token make one request', async () => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  const tokens = await Promise.all(Array.from({ length: 100 }, () => client.getToken()));
  expect(server.seen).toHaveLength(1);
  expect(new Set(tokens).size).toBe(1);
});

test.each([
  ['cold', false],
  ['forced', true],
])('quarkus#40923: %s, a flight that has begun is not begun again', async (_, forceRefresh) => {
  await using server = await Server.start(issuing());
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  if (forceRefresh) await client.getToken();
  const before = server.seen.length;
  const first = client.getToken({ forceRefresh });
  await new Promise((resolve) => setTimeout(resolve, 1));
  await Promise.all([first, client.getToken({ forceRefresh }), client.getToken({ forceRefresh })]);
  expect(server.seen).toHaveLength(before + 1);
});

test('modelcontextprotocol/typescript-sdk#1813: a thousand refused calls make one refresh, and none fails', async () => {
  await using server = await Server.start(issuing());
  await using api = await Server.start((seen) =>
    bearer(seen) === 'AT1' ? { status: 401 } : { body: 'ok' },
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  await client.getToken();
  const calls = Array.from({ length: 1_000 }, () => client.fetch('/'));
  for (const response of await Promise.all(calls)) expect(await response.text()).toBe('ok');
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test('refusals that come late are answered with the newer token (refresh.newer-token-wins)', async () => {
  let late = 0;
  await using server = await Server.start(issuing());
  await using api = await Server.start((seen) =>
    bearer(seen) === 'AT1' ? { status: 401, after: 30 * late++ } : {},
  );
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  await Promise.all(Array.from({ length: 5 }, () => client.fetch('/')));
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test('apache/gravitino#12531: an API that refuses every token costs two calls and one refresh, then no refresh', async () => {
  await using server = await Server.start(issuing());
  await using api = await Server.start(() => ({ status: 401 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin, apiUrl: api.origin });
  for (let i = 0; i < 5; i++) {
    await expect(client.fetch('/')).rejects.toMatchObject({ class: 'unauthorized' });
  }
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
  expect(api.seen.map(bearer)).toEqual(['AT1', 'AT2', 'AT2', 'AT2', 'AT2', 'AT2']);
});

test('thomhurst/Dekaf#3070, golang/oauth2#388: a waiter who gives up takes nobody along, nor the next refresh', async () => {
  const issue = issuing();
  await using server = await Server.start((seen) => ({ ...issue(seen), after: 50 }));
  const client = new TokenClient({ ...CLIENT, tokenUrl: server.origin });
  const abort = new AbortController();
  const gone = client.getToken({ signal: abort.signal });
  const others = Array.from({ length: 9 }, () => client.getToken());
  abort.abort(new Error('enough'));
  await expect(gone).rejects.toThrow('enough');
  for (const token of await Promise.all(others)) expect(token.accessToken.reveal()).toBe('AT1');
  expect(server.seen).toHaveLength(1);
  await client.getToken({ forceRefresh: true });
  await expect(client.getToken({ signal: abort.signal })).rejects.toThrow('enough');
});

test('auth0-spa-js#1684: two clients that share a store and a refresh token use it once', async () => {
  const { MemoryStore } = await import('../../src/index.ts');
  const store = new MemoryStore();
  await using server = await Server.start(issuing());
  const settings = { ...CLIENT, tokenUrl: server.origin, store };
  const clients = Array.from({ length: 5 }, () => new TokenClient(settings));
  await Promise.all(clients.map((client) => client.getToken()));
  await Promise.all(clients.map((client) => client.getToken({ forceRefresh: true })));
  expect(grants(server)).toEqual(['client_credentials', 'RT1']);
});

test('cloudflare/workers-sdk#15089: eight processes on one token file make one request, and one refresh when it is due', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'polyglot-tokens-'));
  try {
    await using server = await Server.start(issuing({ expires_in: 3 }));
    const script = fileURLToPath(new URL('../fixtures/shared_store_client.ts', import.meta.url));
    const children = Array.from({ length: 8 }, () =>
      spawn(process.execPath, [script, server.origin, join(folder, 'tokens.json')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      }),
    );
    const outputs = await Promise.all(
      children.map(async (child) => {
        const [out] = await Promise.all([text(child.stdout), once(child, 'exit')]);
        return out.trim();
      }),
    );
    const sent = grants(server);
    // How many lifetimes eight starts take is the machine's affair. That no token is used twice is ours.
    expect(new Set(sent).size, sent.join()).toBe(sent.length);
    expect(sent[0]).toBe('client_credentials');
    expect(
      outputs.every((line) => /^AT\d+ AT\d+$/.test(line)),
      outputs.join(),
    ).toBe(true);
  } finally {
    await rm(folder, { recursive: true });
  }
}, 60_000);
