import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive, ProcessIdentity, thisProcess } from '../processes/identity.ts';

/** The owner touches its lock this often (ms). */
const heartbeatMs = 5_000;
/** A lock of another host or container, whose owner cannot be asked for, counts as left behind after this (ms). */
const silentMs = 60_000;
const pollMs = 200;

/**
 * Takes a lock file, waiting for whoever holds it. The lock of a process that has died is broken at once.
 *
 * It only saves two runs from doing the same work: who relies on it must stay right if two hold it.
 *
 * @param waiting is told once, with the owner's pid, if there is somebody to wait for
 * @returns gives the lock back
 */
export async function lock(
  file: string,
  waiting: (pid: number) => void,
): Promise<() => Promise<void>> {
  const me = thisProcess();
  let told = false;
  while (!(await take(file, me))) {
    const content = await read(file);
    if (content === undefined) continue;
    const owner = parse(content);
    if (owner === undefined || !(await holds(file, owner))) {
      await breakOpen(file, content);
      continue;
    }
    if (!told) waiting(owner.pid);
    told = true;
    await sleep(pollMs);
  }
  const heartbeat = setInterval(() => void touch(file), heartbeatMs);
  heartbeat.unref();
  return async () => {
    clearInterval(heartbeat);
    await rm(file, { force: true });
  };
}

/** A hard link appears with its content in one step and fails if the name is taken. */
async function take(file: string, me: ProcessIdentity): Promise<boolean> {
  const mine = `${file}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify(me));
  try {
    await link(mine, file);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(mine, { force: true });
  }
}

/** Removes a lock, but only the one that was read: another run may have replaced it meanwhile. */
async function breakOpen(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(() => undefined);
  const taken = await read(aside);
  if (taken !== undefined && taken !== content) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}

async function read(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

function parse(content: string): ProcessIdentity | undefined {
  try {
    return ProcessIdentity.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
}

async function holds(file: string, owner: ProcessIdentity): Promise<boolean> {
  const alive = isAlive(owner);
  if (alive !== undefined) return alive;
  const touched = await stat(file).catch(() => undefined);
  return touched !== undefined && Date.now() - touched.mtimeMs < silentMs;
}

async function touch(file: string): Promise<void> {
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
}
