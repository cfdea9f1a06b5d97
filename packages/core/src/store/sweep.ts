import { readdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileError, ifThere } from './file_error.ts';
import { removeIfStale } from './file_lock.ts';
import { isDead, isStale, parseHolder, sight } from './lock_holder.ts';

/**
 * Removes what killed processes left beside a token file. Called by who holds its lock.
 *
 * @param file the token file, with a real path.
 */
export async function sweep(file: string): Promise<void> {
  const folder = dirname(file);
  const name = basename(file);
  try {
    for (const other of await readdir(folder)) {
      const path = join(folder, other);
      // Only who holds the lock writes these, so nobody is at it.
      if (other.startsWith(`${name}.tmp.`)) await rm(path, { force: true });
      else if (other.startsWith(`${name}.lock.break-`)) await removeIfStale(path, `${file}.lock`);
      else if (other.startsWith(`${name}.lock.`)) await sweepWaiter(path);
    }
  } catch (error) {
    throw fileError(`tidy ${folder}`, error);
  }
}

async function sweepWaiter(path: string): Promise<void> {
  const text = await ifThere(readFile(path, 'utf8'));
  if (text === undefined) return;
  // Unlike a lock it is seen half written: then its name has to do.
  const pid = Number(/\.(\d{1,10})-[^.]*$/.exec(path)?.[1]);
  const dead = parseHolder(text)
    ? await isStale(text)
    : pid > 0 && isDead({ pid, start: '0', random: '' }, await sight(pid));
  if (dead) await rm(path, { force: true });
}
