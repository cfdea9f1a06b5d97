// A stranger's program: it sees nothing of this repository but the packed package. Checked by tsc, then run on every supported Node.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { InvalidClient, OAuthError, type Settings, TokenClient } from '@polyglot-tokens/core';
import { tokenInterceptor } from '@polyglot-tokens/core/undici';
import { Agent, request } from 'undici';

let issued = 0;
const server = createServer((message, response) => {
  const { authorization = '' } = message.headers;
  if (message.url !== '/token') {
    // The first token is refused, so that both ways of calling the API have to renew.
    const refused = authorization === 'Bearer token-1';
    response.writeHead(refused ? 401 : 200, { 'WWW-Authenticate': 'Bearer error="invalid_token"' });
    response.end(authorization);
    return;
  }
  const known = authorization === `Basic ${btoa('service:right')}`;
  const answer = known
    ? { access_token: `token-${(issued += 1)}`, token_type: 'Bearer', expires_in: 300 }
    : { error: 'invalid_client' };
  response.writeHead(known ? 200 : 401, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(answer));
});
await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
const settings: Settings = {
  tokenUrl: `${apiUrl}token`,
  clientId: 'service',
  clientSecret: 'right',
  apiUrl,
};

const client = new TokenClient(settings);
const fetched = await client.fetch('things');
expectEqual('fetch', await fetched.text(), 'Bearer token-2');

issued = 0;
const dispatcher = new Agent().compose(tokenInterceptor(new TokenClient(settings)));
const { body } = await request(`${apiUrl}things`, { dispatcher });
expectEqual('undici', await body.text(), 'Bearer token-2');

const stranger = new TokenClient({ ...settings, clientSecret: 'wrong' });
const error: unknown = await stranger.getToken().catch((reason: unknown) => reason);
expectEqual('error', error instanceof OAuthError && error instanceof InvalidClient, true);

// Loaded late, so that nothing above would miss it.
createRequire(import.meta.resolve('@polyglot-tokens/core')).resolve('jose');

await dispatcher.close();
server.close();

function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual !== expected)
    throw new Error(`${what}: ${String(actual)} instead of ${String(expected)}`);
}
