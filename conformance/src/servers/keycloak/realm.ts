import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { CannotRun } from '../../cannot-run.ts';
import { packageFile } from './files.ts';

export const realmFile = packageFile('realm/korusticket.json');

/** How one of the other realms differs: each refresh token can be used once. */
const rotating = {
  realm: 'korusticket-rotating' as const,
  revokeRefreshToken: true,
  refreshTokenMaxReuse: 0,
};

/** The other one gets new keys while trials go on, which those in the realms beside it must not notice. */
const newKeys = { realm: 'korusticket-new-keys' as const };

/** Keycloak checks the rest at import. */
const Realm = z.looseObject({
  realm: z.literal('korusticket'),
  clients: z.array(z.looseObject({ clientId: z.string(), secret: z.string().optional() })),
  users: z.array(
    z.looseObject({
      username: z.string(),
      credentials: z.array(z.looseObject({ value: z.string() })).default([]),
    }),
  ),
});
export type Realm = z.infer<typeof Realm>;

export const realmNames = ['korusticket', rotating.realm, newKeys.realm] as const;

/** The realm as its file defines it. @throws {CannotRun} if the file does not parse, with the position */
export async function readRealm(file = realmFile): Promise<Realm> {
  const text = await readFile(file, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new CannotRun(`${file}${positionIn(text, error)} is not JSON: ${messageOf(error)}`);
  }
  const realm = Realm.safeParse(json);
  if (!realm.success) {
    throw new CannotRun(
      `${file} is not the realm that is needed:\n${z.prettifyError(realm.error)}`,
    );
  }
  return realm.data;
}

/** What Keycloak imports: file name to content, for all realms. */
export function importFiles(realm: Realm): Record<string, string> {
  const realms = [realm, { ...realm, ...rotating }, { ...realm, ...newKeys }];
  return Object.fromEntries(
    realms.map((each) => [`${each.realm}-realm.json`, JSON.stringify(each)]),
  );
}

/** The credentials of a client, the same in all realms. @throws {CannotRun} if the realm has no such client */
export async function clientCredentials(clientId: string): Promise<{ id: string; secret: string }> {
  const { clients } = await readRealm();
  const client = clients.find((each) => each.clientId === clientId);
  if (client?.secret === undefined)
    throw new CannotRun(`${realmFile} has no client ${clientId} with a secret`);
  return { id: client.clientId, secret: client.secret };
}

/** V8 says "at position 12" at times, and at times only quotes what it stumbled over. */
function positionIn(text: string, error: unknown): string {
  const position = /position (\d+)/.exec(messageOf(error))?.[1];
  if (position === undefined) return '';
  const before = text.slice(0, Number(position)).split('\n');
  return `:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
