import { randomBytes } from 'node:crypto';
import { link, open, readFile, rm, unlink } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { oauthError } from '../error_classes.ts';
import type { OAuthError } from '../errors.ts';
import { errorCode, fileError, ifThere } from './file_error.ts';
import { isStale, ownText, parseHolder } from './lock_holder.ts';

/** Milliseconds to wait for a lock unless told otherwise: longer than a renewal may take (docs/client.md: 30 s an exchange). */
export const LOCK_LIMIT_MS = 60_000;

/** A lock of docs/token-file.md that this process holds. */
export interface FileLock {
  /** Whether it is still there: somebody may have removed it by hand. */
  held(): Promise<boolean>;
  /** Lets go of it. Somebody else's lock in its place stays. */
  release(): Promise<void>;
}

export interface LockOptions {
  /** Milliseconds, {@link LOCK_LIMIT_MS} by default. */
  readonly limitMs?: number | undefined;
  /** Since when the limit counts, by `performance.now()`; now by default. */
  readonly since?: number | undefined;
}

/**
 * Takes the lock of a file, which all languages share, and waits for it while another process holds it. Two takers in one process exclude
 * each other as well.
 *
 * @param file an absolute path; the file need not exist, its folder must.
 * @throws OAuthError `timeout` when the limit is over; `config_error` when the folder cannot be written or has no hard links.
 */
export async function takeLock(file: string, options: LockOptions = {}): Promise<FileLock> {
  const { limitMs = LOCK_LIMIT_MS, since = performance.now() } = options;
  const lock = `${file}.lock`;
  const random = randomBytes(8).toString('hex');
  const text = await ownText(random);
  const mine = `${lock}.${process.pid}-${random}`;
  try {
    await writeNew(mine, text);
    while (!(await linked(mine, lock))) {
      if (await removeIfStale(lock, mine)) continue;
      if (performance.now() - since >= limitMs) throw await lockTimeout(file, limitMs);
      // Not in step with the others who wait.
      await sleep(5 + Math.random() * 15);
    }
  } catch (error) {
    throw fileError(`lock ${file}`, error);
  } finally {
    await rm(mine, { force: true });
  }
  const held = async () => (await readText(lock)) === text;
  return {
    held,
    release: async () => {
      if (await held()) await rm(lock, { force: true });
    },
  };
}

/** The error of a lock that could not be had in time, with the process that holds it. */
export async function lockTimeout(file: string, limitMs: number): Promise<OAuthError> {
  const { pid = process.pid } = parseHolder((await readText(`${file}.lock`)) ?? '') ?? {};
  const message = `the lock of ${file} is held by process ${pid} (for more than ${limitMs / 1000} s)`;
  return oauthError('timeout', message, { delivery: 'not_sent' });
}

/**
 * Removes a lock, or a claim on one, whose process is dead. Reading and removing are two steps, and between them the file may have become
 * somebody's new lock. So only who holds the claim on exactly this dead text may remove it. A claim is a lock of its own: a dead one is
 * removed in the same way.
 *
 * @param path of the lock or claim.
 * @param mine a file with this process's lock text.
 * @returns whether it is worth while to try again at once.
 */
export async function removeIfStale(path: string, mine: string): Promise<boolean> {
  const text = await readText(path);
  if (text === undefined) return true;
  if (!(await isStale(text))) return false;
  return removeDead(path, text, mine);
}

/** Removes a file if it holds this text of a dead process still. Separate from {@link removeIfStale} so that a test can be late. */
export async function removeDead(path: string, text: string, mine: string): Promise<boolean> {
  const claim = `${path}.break-${parseHolder(text)?.random ?? 'damaged'}`;
  if (!(await linked(mine, claim))) return removeIfStale(claim, mine);
  try {
    if ((await readText(path)) === text) await unlink(path);
  } finally {
    await rm(claim, { force: true });
  }
  return true;
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function readText(path: string): Promise<string | undefined> {
  return ifThere(readFile(path, 'utf8'));
}

async function writeNew(path: string, text: string): Promise<void> {
  const handle = await open(path, 'wx', 0o600);
  try {
    // The umask may have taken the owner's rights.
    await handle.chmod(0o600);
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
}
