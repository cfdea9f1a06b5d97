import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeInUse, storageTrouble } from '../cache/folder.ts';
import { isAlive, ProcessIdentity, thisProcess } from '../processes/identity.ts';
import { onExit } from '../processes/on-exit.ts';

const ownerFile = 'owner.json';

/**
 * A folder that names its owner, this process. If `fill` fails, nothing of it stays.
 *
 * @param prefix of its path
 */
export async function makeOwnedFolder(
  prefix: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = await mkdtemp(prefix);
  try {
    await writeFile(join(folder, ownerFile), JSON.stringify(thisProcess()));
    await fill(folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return folder;
}

/**
 * The same in the system's temporary folder, for a run. What runs left there that were killed with SIGKILL is removed.
 *
 * @param name of who gets it
 * @throws {CannotRun} if there is no room
 */
export async function makeTemporaryFolder(
  name: string,
  fill: (folder: string) => Promise<void>,
): Promise<string> {
  const prefix = `polyglot-tokens-${name}-`;
  try {
    await removeLeft(prefix);
    return await makeOwnedFolder(join(tmpdir(), prefix), fill);
  } catch (error) {
    throw storageTrouble(error, tmpdir(), 'TMPDIR') ?? error;
  }
}

/**
 * Runs work with an empty folder of that kind, which goes when the work ends or a signal ends the process.
 *
 * @param name of what is done
 * @throws {CannotRun} if there is no room; what the work throws
 */
export async function withTemporaryFolder<Result>(
  name: string,
  work: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await makeTemporaryFolder(name, () => Promise.resolve());
  const remove = () => removeInUse(folder);
  const forget = onExit(remove, 'leftovers');
  try {
    return await work(folder);
  } finally {
    await remove();
    forget();
  }
}

async function removeLeft(prefix: string): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue;
    const folder = join(tmpdir(), name);
    const owner = await readOwner(join(folder, ownerFile));
    // It may be another user's, who has to clean up behind himself.
    if (owner !== undefined && isAlive(owner) === false) {
      await rm(folder, { recursive: true, force: true }).catch(() => undefined);
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
