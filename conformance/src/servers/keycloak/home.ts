import { copyFile, mkdir, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeOwnedFolder, makeTemporaryFolder } from '../temporary-folder.ts';

/** Where Keycloak keeps its H2 database, below its home. */
export const databaseFile = join('data', 'h2', 'keycloakdb.mv.db');

/**
 * A home for one Keycloak with an empty database: its own data, the rest linked, so that the prepared folder is never written to.
 *
 * @param prefix of its path
 */
export function makeHome(prefix: string, distribution: string): Promise<string> {
  return makeOwnedFolder(prefix, (home) => fill(home, distribution));
}

/**
 * The same in the system's temporary folder, for a run.
 *
 * @param realms folder of `prepareDatabase`
 * @throws {CannotRun} if there is no room
 */
export function makeTemporaryHome(distribution: string, realms: string): Promise<string> {
  return makeTemporaryFolder('keycloak', async (home) => {
    await fill(home, distribution);
    await copyFile(join(realms, basename(databaseFile)), join(home, databaseFile));
  });
}

async function fill(home: string, distribution: string): Promise<void> {
  for (const name of ['conf', 'lib', 'providers', 'themes']) {
    await symlink(join(distribution, name), join(home, name));
  }
  await mkdir(join(home, 'data', 'h2'), { recursive: true });
}
