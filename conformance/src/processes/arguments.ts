import { readFileSync, readdirSync } from 'node:fs';

const EVERY_MS = 5;

/** Reads a file of /proc; a process may be gone at any moment. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** The id that Linux gave last (proc_loadavg(5)): as long as it stays the same, no process has been started anywhere. */
function latestId(): string {
  return read('/proc/loadavg').split(' ').at(-1) ?? '';
}

function children(pid: number): number[] {
  let threads: string[];
  try {
    threads = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return threads.flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).split(' ').filter(Boolean).map(Number),
  );
}

function family(pid: number): number[] {
  return [pid, ...children(pid).flatMap(family)];
}

/**
 * Watches the arguments of a process and of all that it starts, whoever can list processes can read them.
 *
 * @param everyMs milliseconds between two looks
 * @returns ends the watch and gives every command line that was seen; none at all where the system has no /proc.
 */
export function watchArguments(pid: number, everyMs = EVERY_MS): () => readonly string[] {
  const seen = new Set<string>();
  let asOf: string | undefined;
  let processes: number[] = [];
  const look = (): void => {
    const latest = latestId();
    // A Java process has dozens of threads, each with a list of children of its own: read only when there can be a new child.
    if (latest !== asOf) processes = family(pid);
    asOf = latest;
    for (const process of processes) {
      const commandLine = read(`/proc/${process}/cmdline`);
      if (commandLine !== '') seen.add(commandLine.replaceAll('\0', ' ').trim());
    }
  };
  look();
  const watch = setInterval(look, everyMs);
  return () => {
    clearInterval(watch);
    return [...seen];
  };
}
