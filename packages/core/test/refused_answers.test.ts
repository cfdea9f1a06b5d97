import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { TokenClient } from '../src/index.ts';
import { TokenApi } from './fixtures/token_api.ts';

/**
 * Calls an API that refuses each token once it has been used.
 *
 * @returns the connections that came, and those of refused calls that are still open.
 */
async function callRefused(times: number, refuse: (response: ServerResponse) => unknown) {
  const api = await TokenApi.start();
  const connections = new Set<unknown>();
  const refused = new Set<unknown>();
  api.answer = (response, { authorization = '' }) => {
    connections.add(response.socket);
    api.refused.add(authorization.replace('Bearer ', ''));
    response.end('ok');
  };
  api.refuse = (response) => {
    const { socket } = response;
    connections.add(socket);
    refused.add(socket);
    socket?.once('close', () => refused.delete(socket));
    response.statusCode = 401;
    response.setHeader('WWW-Authenticate', 'Bearer error="invalid_token"');
    refuse(response);
  };
  const client = new TokenClient(api.settings);
  for (let call = 0; call <= times; call++) {
    expect(await (await client.fetch('/')).text()).toBe('ok');
  }
  expect(api.calls).toHaveLength(1 + 2 * times);
  return { connections, refused };
}

test('a short 401 leaves its connection to the next request', async () => {
  const { connections } = await callRefused(20, (response) => response.end('refused'));
  expect(connections.size).toBeLessThanOrEqual(2);
});

test.each([
  ['never ends', (response: ServerResponse) => response.write('it is')],
  [
    'is long',
    (response: ServerResponse) => {
      response.setHeader('Content-Length', 10_000_000);
      response.write('it is');
    },
  ],
])('a 401 whose body %s costs its connection, and the call goes on', async (_, refuse) => {
  const { refused } = await callRefused(3, refuse);
  await expect.poll(() => refused.size).toBe(0);
});

test('an address with control characters is told without them, and without its query', async () => {
  const api = await TokenApi.start();
  api.answer = (response) => {
    response.statusCode = 403;
    response.end();
  };
  const client = new TokenClient(api.settings);
  await expect(client.fetch('v1/\u001b[2J?key=hunter2')).rejects.toThrow(
    `GET ${api.origin}/v1/%1B[2J: HTTP 403`,
  );
});
