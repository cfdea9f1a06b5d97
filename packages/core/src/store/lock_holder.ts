import { readFile } from 'node:fs/promises';
import { errorCode } from './file_error.ts';

/** Who wrote a lock text: `<pid> <start time> <random>`. */
export interface LockHolder {
  readonly pid: number;
  /** Clock ticks from the machine's start to the process's (field 22 of /proc/<pid>/stat); '0' where that cannot be known. */
  readonly start: string;
  readonly random: string;
}

/** What a machine says of a pid. `unknown`: it lives, and nothing else can be learnt. */
export type Sighting = 'gone' | 'unknown' | { readonly state: string; readonly start: string };

const LARGEST_PID = 2 ** 31 - 1;

/** @returns undefined for a text that nobody who keeps to docs/token-file.md writes. */
export function parseHolder(text: string): LockHolder | undefined {
  // More words are for later versions, which must not look damaged to this one.
  const match = /^([1-9]\d{0,9}) (\d{1,20}) ([0-9A-Za-z]{8,32})(?: [^\n]*)?\n?$/.exec(text);
  const [, pid = '', start = '', random = ''] = match ?? [];
  return match && Number(pid) <= LARGEST_PID ? { pid: Number(pid), start, random } : undefined;
}

/** Whether a lock of this holder is stale, by what is seen of its pid. */
export function isDead(holder: LockHolder | undefined, seen: Sighting): boolean {
  // Locks appear with their whole text: one without it is what a power failure left.
  if (!holder || seen === 'gone') return true;
  if (seen === 'unknown') return false;
  // A process that was killed but that nobody waited for answers to signal 0 for as long as its parent lives.
  if (seen.state === 'Z' || seen.state === 'X') return true;
  return holder.start !== '0' && holder.start !== seen.start;
}

/** Looks whether a process lives, and since when. */
export async function sight(pid: number): Promise<Sighting> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is somebody else's, so it lives.
    if (errorCode(error) !== 'EPERM') return 'gone';
  }
  return readStat(pid);
}

/** @returns whether the process that wrote a lock text is dead. */
export async function isStale(text: string): Promise<boolean> {
  const holder = parseHolder(text);
  return isDead(holder, holder ? await sight(holder.pid) : 'gone');
}

/** The lock text of this process. */
export async function ownText(random: string): Promise<string> {
  const own = await readStat(process.pid);
  return `${process.pid} ${typeof own === 'string' ? '0' : own.start} ${random}`;
}

async function readStat(pid: number): Promise<Sighting> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return 'unknown';
  }
  // Field 2 is the program's name in parentheses and may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, start] = [fields[0], fields[19]];
  return state !== undefined && start !== undefined ? { state, start } : 'unknown';
}
