import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { storageTrouble } from '../../cache/folder.ts';
import { isAlive, ProcessIdentity, thisProcess } from '../../processes/identity.ts';

/** Where Keycloak keeps its H2 database, below its home. */
export const databaseFile = join('data', 'h2', 'keycloakdb.mv.db');

const temporary = 'polyglot-tokens-keycloak-';
const ownerFile = 'owner.json';

/**
 * A home for one Keycloak: its own data, the rest linked, so that the prepared folder is never written to.
 *
 * @param prefix of its path
 * @param realms folder of `prepareDatabase`; without it the database is empty
 */
export async function makeHome(
  prefix: string,
  distribution: string,
  realms?: string,
): Promise<string> {
  const home = await mkdtemp(prefix);
  try {
    await writeFile(join(home, ownerFile), JSON.stringify(thisProcess()));
    for (const name of ['conf', 'lib', 'providers', 'themes']) {
      await symlink(join(distribution, name), join(home, name));
    }
    await mkdir(join(home, 'data', 'h2'), { recursive: true });
    if (realms !== undefined) {
      await copyFile(join(realms, basename(databaseFile)), join(home, databaseFile));
    }
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
  return home;
}

/** The same in the system's temporary folder, for a run. @throws {CannotRun} if there is no room */
export async function makeTemporaryHome(distribution: string, realms: string): Promise<string> {
  try {
    await removeLeftHomes();
    return await makeHome(join(tmpdir(), temporary), distribution, realms);
  } catch (error) {
    throw storageTrouble(error, tmpdir(), 'TMPDIR') ?? error;
  }
}

/** Removes what runs left that were killed with SIGKILL. */
async function removeLeftHomes(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(temporary)) continue;
    const home = join(tmpdir(), name);
    const owner = await readOwner(join(home, ownerFile));
    // It may be another user's, who has to clean up behind himself.
    if (owner !== undefined && isAlive(owner) === false) {
      await rm(home, { recursive: true, force: true }).catch(() => undefined);
    }
  }
}

async function readOwner(file: string): Promise<ProcessIdentity | undefined> {
  try {
    return ProcessIdentity.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return undefined;
  }
}
