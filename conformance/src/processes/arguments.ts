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

function look(pid: number, seen: Set<string>): void {
  const commandLine = read(`/proc/${pid}/cmdline`);
  if (commandLine !== '') seen.add(commandLine.replaceAll('\0', ' ').trim());
  for (const child of children(pid)) look(child, seen);
}

/**
 * Watches the arguments of a process and of all that it starts, whoever can list processes can read them.
 *
 * @param everyMs milliseconds between two looks
 * @returns ends the watch and gives every command line that was seen; none at all where the system has no /proc.
 */
export function watchArguments(pid: number, everyMs = EVERY_MS): () => readonly string[] {
  const seen = new Set<string>();
  look(pid, seen);
  const watch = setInterval(() => look(pid, seen), everyMs);
  return () => {
    clearInterval(watch);
    return [...seen];
  };
}
