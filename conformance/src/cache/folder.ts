import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { CannotRun } from '../cannot-run.ts';

/** Where the user's system wants caches; nothing is created. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  // A relative XDG_CACHE_HOME is to be ignored (XDG Base Directory Specification, section 2).
  const { XDG_CACHE_HOME: xdg = '' } = env;
  const system = process.platform === 'darwin' ? 'Library/Caches' : '.cache';
  return join(isAbsolute(xdg) ? xdg : join(homedir(), system), 'polyglot-tokens');
}

/** Creates a folder that only the user can look into. @throws {CannotRun} if that fails */
export async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    // On a read-only file system Node says ENOENT.
    const known = storageTrouble(error, folder);
    const reason = error instanceof Error ? error.message : String(error);
    throw known ?? new CannotRun(`cannot make ${folder}: ${reason}. ${cureFor('XDG_CACHE_HOME')}`);
  });
}

/** Removes a folder, also if somebody who is being ended still writes into it. */
export function removeInUse(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 10 });
}

const reasons: Record<string, string> = {
  ENOSPC: 'the disk is full',
  EDQUOT: "the user's quota is used up",
  EACCES: 'it is not writable',
  EPERM: 'it is not writable',
  EROFS: 'it is on a read-only file system',
  ENOTDIR: 'a part of its path is a file',
  EEXIST: 'a part of its path is a file',
};

/**
 * What the person must do about a file system's refusal; undefined if the error is something else.
 *
 * @param variable that names another place
 */
export function storageTrouble(
  error: unknown,
  folder: string,
  variable: 'XDG_CACHE_HOME' | 'TMPDIR' = 'XDG_CACHE_HOME',
): CannotRun | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const isGone = code === 'ENOENT' && variable === 'TMPDIR' && !existsSync(folder);
  const reason = isGone ? 'there is no such folder' : reasons[code];
  if (reason === undefined) return undefined;
  return new CannotRun(`cannot write to ${folder}: ${reason} (${code}). ${cureFor(variable)}`, {
    cause: error,
  });
}

/** What to do if there is no room where an environment variable says. */
export const cureFor = (variable: 'XDG_CACHE_HOME' | 'TMPDIR'): string =>
  `Make room there, or name another folder in ${variable} ` +
  `(${variable === 'TMPDIR' ? 'a run needs some 10 MB' : 'about 1 GB is needed'}).`;
