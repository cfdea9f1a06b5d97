import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { CannotRun } from '../../cannot-run.ts';
import { useExisting } from './existing.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

async function serve(listener: RequestListener): Promise<URL> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return new URL(`http://127.0.0.1:${address.port}`);
}

/** What a Keycloak answers to all that is asked of it here. */
const keycloak =
  (change: {
    issuer?: string;
    status?: number;
    body?: string;
    deaf?: boolean;
    without?: string;
  }): RequestListener =>
  (request, response) => {
    const { url = '', headers } = request;
    const realm = /^\/realms\/([^/]+)/.exec(url)?.[1];
    if (realm !== undefined && realm === change.without) return response.writeHead(404).end();
    if (url.endsWith('/token')) return response.end('{"access_token":"AT","expires_in":1800}');
    if (url.endsWith('/serverinfo')) return response.end('{"systemInfo":{"version":"26.7.5"}}');
    const forwarded = headers['x-forwarded-host']?.toString();
    const host = (change.deaf ? undefined : forwarded) ?? headers.host;
    const host2 = change.deaf && forwarded !== undefined ? 'fixed' : host;
    const issuer = change.issuer ?? `http://${host2}/realms/${realm}`;
    response.writeHead(change.status ?? 200).end(change.body ?? JSON.stringify({ issuer }));
  };

async function troubleWith(url: URL): Promise<string> {
  const trouble = await useExisting(url).catch((error: unknown) => error);
  expect(trouble).toBeInstanceOf(CannotRun);
  return (trouble as CannotRun).message;
}

test('a fitting Keycloak is used as it is, with or without a final slash', async () => {
  const url = await serve(keycloak({}));
  const used = await useExisting(url);
  expect(used).toMatchObject({ url: url.origin, way: 'url', version: '26.7.5', preparedMs: 0 });
  await used.stop();
  expect((await useExisting(new URL(`${url.origin}/`))).url).toBe(url.origin);
});

test.each([
  ['404', keycloak({ status: 404 }), /no Keycloak with a realm korusticket at http.*answers 404/],
  ['HTML', keycloak({ body: '<html>' }), /answers 200, but with no discovery document/],
  [
    'another issuer',
    keycloak({ issuer: 'https://sso.example' }),
    /calls itself https:\/\/sso\.example/,
  ],
  ['forwarded headers ignored', keycloak({ deaf: true }), /--proxy-headers=xforwarded/],
  [
    'a realm is missing',
    keycloak({ without: 'korusticket-rotating' }),
    /a realm korusticket-rotating .* revokeRefreshToken/,
  ],
  [
    'another realm is missing',
    keycloak({ without: 'korusticket-new-keys' }),
    /a realm korusticket-new-keys .* a third time/,
  ],
])('%s: says what came back and the cure', async (_, listener, said) => {
  expect(await troubleWith(await serve(listener))).toMatch(said);
});

test('nothing listens', async () => {
  const url = await serve(() => undefined);
  await new Promise((resolve) => server.close(resolve));
  expect(await troubleWith(url)).toMatch(/no Keycloak .*ECONNREFUSED.* import conformance\/realm/);
});
