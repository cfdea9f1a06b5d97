import { randomUUID } from 'node:crypto';
import { watch } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

const END_LIMIT_MS = 60_000;

/**
 * In which ways a file was changed other than by moving a finished one into its place. The kernel's notifications come in the order in which things
 * happened and miss nothing, however busy the machine is; they are Linux's (inotify), and elsewhere nothing is found.
 *
 * @param folder must be there.
 * @throws Error when the notifications do not come.
 */
export async function watchReplacements(
  folder: string,
  file: string,
  work: () => Promise<void>,
): Promise<string[]> {
  if (process.platform !== 'linux') {
    await work();
    return [];
  }
  const name = basename(file);
  const end = randomUUID();
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  const found = new Set<string>();
  let moved: string | undefined;
  const watcher = watch(folder, (event, what) => {
    if (what === end) resolve();
    if (what === name && event === 'change') found.add('changed in place');
    // A move is two notifications in a row: for the name that is no more, and for the new one.
    if (what === name && event === 'rename' && (moved === undefined || moved === name))
      found.add('removed, or made in its place');
    moved = event === 'rename' ? (what ?? undefined) : undefined;
  });
  try {
    await work();
    await writeFile(join(folder, end), '');
    await Promise.race([ended, aborted(AbortSignal.timeout(END_LIMIT_MS))]);
    return [...found];
  } finally {
    watcher.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener('abort', () => reject(signal.reason as Error));
  return promise;
}
