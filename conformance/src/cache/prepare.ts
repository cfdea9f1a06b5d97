import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { onExit } from '../processes/on-exit.ts';
import { cacheFolder, makePrivate, removeInUse, storageTrouble } from './folder.ts';
import { lock } from './lock.ts';
import { findDamage, writeManifest } from './manifest.ts';

/** Per kind; the second serves whoever goes back and forth between two branches. */
const kept = 2;
/** A run may still work from an entry that was used this recently (ms). */
const inUseMs = 3_600_000;

export interface Preparation {
  /** What is prepared: a folder name. Entries of one kind replace one another. */
  kind: string;
  /** Everything that the result depends on. */
  key: string[];
  /** Makes the result in an empty folder, which is moved to its final place afterwards. */
  build: (folder: string) => Promise<void>;
  progress: (line: string) => void;
  /** Default: the user's cache folder. */
  cache?: string;
}

/**
 * A folder that is built once and found again by the content of its key. It is complete or not there, whatever
 * interrupts the build; a damaged one is rebuilt; two runs at once share one build. Never write to the result.
 *
 * @throws {CannotRun} if the cache folder cannot be written to; whatever `build` throws
 */
export async function prepare(preparation: Preparation): Promise<string> {
  const { kind, progress } = preparation;
  const parent = join(preparation.cache ?? cacheFolder(), kind);
  const folder = join(parent, hash(preparation.key));
  if (await isIntact(folder, progress)) return folder;

  try {
    await makePrivate(parent);
    const release = await lock(`${folder}.lock`, (pid) =>
      progress(`waiting for process ${pid}, which is preparing the same ${kind} …`),
    );
    const forget = onExit(release);
    try {
      // Whoever held the lock may have built it.
      if (!(await isIntact(folder, () => undefined))) await build(preparation, folder);
    } finally {
      await release();
      forget();
    }
    await prune(parent, folder);
  } catch (error) {
    throw storageTrouble(error, parent) ?? error;
  }
  return folder;
}

async function isIntact(folder: string, progress: (line: string) => void): Promise<boolean> {
  if ((await stat(folder).catch(() => undefined)) === undefined) return false;
  const damage = await findDamage(folder);
  if (damage !== undefined) {
    progress(`the prepared ${folder} is damaged (${damage}): preparing it again`);
    return false;
  }
  // The time of its last use decides what is pruned. Not being allowed to note it is no reason to fail.
  const now = new Date();
  await utimes(folder, now, now).catch(() => undefined);
  return true;
}

async function build(preparation: Preparation, folder: string): Promise<void> {
  await removeUnfinished(folder);
  const building = `${folder}.building-${randomUUID()}`;
  await mkdir(building, { mode: 0o700 });
  // The retries are for a child that still writes while a signal ends everything at once.
  const remove = () => removeInUse(building);
  const forget = onExit(remove);
  try {
    await preparation.build(building);
    await writeManifest(building);
    await rm(folder, { recursive: true, force: true });
    await rename(building, folder);
  } finally {
    await remove();
    forget();
  }
}

/** What a build that was killed left; the lock says that none is under way. */
async function removeUnfinished(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.building-`;
  for (const name of await readdir(dirname(folder))) {
    if (name.startsWith(prefix)) await rm(join(dirname(folder), name), { recursive: true });
  }
}

/** Removes what has not been used for long, and what interrupted builds left. */
async function prune(parent: string, current: string): Promise<void> {
  const found = await Promise.all(
    (await readdir(parent)).map(async (name) => {
      const path = join(parent, name);
      return { path, used: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  const isEntry = ({ path }: { path: string }) => /\/[0-9a-f]+$/.test(path);
  const others = found.filter(({ path }) => path !== current);
  const superfluous = others
    .filter(isEntry)
    .toSorted((a, b) => b.used - a.used)
    .slice(kept - 1);
  const unfinished = others.filter((entry) => !isEntry(entry));
  for (const { path, used } of [...superfluous, ...unfinished]) {
    if (Date.now() - used > inUseMs) await rm(path, { recursive: true, force: true });
  }
}

function hash(parts: string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
