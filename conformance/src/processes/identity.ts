import { execFileSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** Names one process for good: a pid alone may be given to another process later. */
export const ProcessIdentity = z.object({
  pid: z.number(),
  /** When it started, in the system's own words; only equality means something. */
  started: z.string(),
  /** Where the pid means something: host and, in containers, the pid namespace. */
  where: z.string(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

const where = `${hostname()} ${pidNamespace()}`;

export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) ?? '', where };
}

/** @returns undefined if that cannot be told, because the process belongs to another host or container */
export function isAlive({ pid, started, where: there }: ProcessIdentity): boolean | undefined {
  return there === where ? startOf(pid) === started : undefined;
}

function startOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      // Field 22, counted after the name, which is in parentheses and may hold anything (proc(5)).
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(') ') + 2).split(' ')[19];
    }
    const shown = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return shown.trim() || undefined;
  } catch {
    return undefined;
  }
}

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
