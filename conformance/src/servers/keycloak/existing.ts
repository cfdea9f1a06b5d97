import { request } from 'undici';
import { z } from 'zod';
import { CannotRun } from '../../cannot-run.ts';
import { adminApi } from './admin-api.ts';
import type { Keycloak } from './index.ts';
import { discoveryPath } from './ready.ts';
import type { Realm } from '../server.ts';
import { realmNames } from './realm.ts';

const limitMs = 10_000;
const CURES = {
  korusticket:
    'Check the URL; into a Keycloak that runs there, import conformance/realm/korusticket.json.',
  'korusticket-rotating':
    'Import conformance/realm/korusticket.json a second time as korusticket-rotating, with revokeRefreshToken true and refreshTokenMaxReuse 0.',
  'korusticket-new-keys':
    'Import conformance/realm/korusticket.json a third time as korusticket-new-keys: there the harness adds keys.',
} satisfies Record<Realm, string>;
/** A recorder's origin, for the question whether the server takes it for its own. */
const origin = '127.0.0.1:9';

const Discovery = z.object({ issuer: z.string() });
const ServerInfo = z.object({ systemInfo: z.object({ version: z.string() }) });

/** A Keycloak that somebody else runs. @throws {CannotRun} if it is none, or not set up as the harness needs it */
export async function useExisting(server: URL): Promise<Keycloak> {
  const url = server.href.replace(/\/+$/, '');
  const began = performance.now();
  for (const realm of realmNames) await checkRealm(url, realm);
  const readyMs = performance.now() - began;
  const version = await findVersion(url);
  return { url, way: 'url', version, preparedMs: 0, readyMs, stop: () => Promise.resolve() };
}

async function checkRealm(url: string, realm: Realm): Promise<void> {
  const none = (seen: string): CannotRun =>
    new CannotRun(`no Keycloak with a realm ${realm} at ${url}: ${seen}. ` + CURES[realm]);

  const issuer = await readIssuer(url, realm, {}, none);
  const expected = `${url}/realms/${realm}`;
  if (issuer !== expected) {
    throw new CannotRun(
      `the realm ${realm} at ${url} calls itself ${issuer} instead of ${expected}. ` +
        'Give the URL under which the server knows itself, or start it without --hostname and with --hostname-strict=false.',
    );
  }
  const forwarded = await readIssuer(
    url,
    realm,
    {
      host: origin,
      'x-forwarded-host': origin,
      'x-forwarded-port': '9',
      'x-forwarded-proto': 'http',
    },
    none,
  );
  if (!forwarded.startsWith(`http://${origin}/`)) {
    throw new CannotRun(
      `the Keycloak at ${url} does not follow X-Forwarded-Host (its issuer stays ${forwarded}), so nothing can be recorded between it and a client. ` +
        'Start it with --proxy-headers=xforwarded --hostname-strict=false.',
    );
  }
}

async function readIssuer(
  url: string,
  realm: string,
  headers: Record<string, string>,
  none: (seen: string) => CannotRun,
): Promise<string> {
  const target = `${url}${discoveryPath(realm)}`;
  let status: number;
  let text: string;
  try {
    const answer = await request(target, { headers, signal: AbortSignal.timeout(limitMs) });
    status = answer.statusCode;
    text = await answer.body.text();
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    throw none(late ? `no answer within ${limitMs / 1000} s` : messageOf(error));
  }
  if (status !== 200) throw none(`${target} answers ${status}`);
  try {
    return Discovery.parse(JSON.parse(text)).issuer;
  } catch {
    throw none(`${target} answers 200, but with no discovery document`);
  }
}

async function findVersion(url: string): Promise<string> {
  try {
    const info = await adminApi({ url }, realmNames[0]).call('GET', '/../../serverinfo');
    return ServerInfo.safeParse(info.body).data?.systemInfo.version ?? 'unknown';
  } catch (error) {
    throw new CannotRun(
      `the harness cannot use the admin API of ${url} as korus-harness: ${messageOf(error)}. ` +
        'Import conformance/realm/korusticket.json as it is.',
    );
  }
}

/** A refused connection to a name with several addresses has its reasons one level deeper. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ');
  return error instanceof Error ? error.message : String(error);
}
