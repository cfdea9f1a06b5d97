import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

/** What the thread is told. */
export interface FolderWatch {
  readonly folder: string;
  /** A JSON file in it. */
  readonly file: string;
  /** Not 0: look no more. */
  readonly end: Int32Array;
}

/** What was seen at any moment of a watch. */
export interface FolderSightings {
  /** What others might have used, with its mode. */
  readonly loose: readonly string[];
  /** In which ways the file was not whole once it had been there; nothing of its content. */
  readonly torn: readonly string[];
  /** How many contents the file was seen to have. */
  readonly versions: number;
  readonly looks: number;
}

/**
 * Watches a folder, which need not be there yet, and a JSON file in it, as long as work goes on. That costs a processor: notifications of
 * the system come too late to show which mode a file had at first.
 */
export async function watchFolder(
  folder: string,
  file: string,
  work: () => Promise<void>,
): Promise<FolderSightings> {
  const end = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const worker = new Worker(new URL('folder-watcher.ts', import.meta.url), {
    workerData: { folder, file, end } satisfies FolderWatch,
    execArgv: [],
  });
  await once(worker, 'message');
  const told = once(worker, 'message');
  try {
    await work();
  } finally {
    Atomics.store(end, 0, 1);
  }
  const [sightings] = (await told) as [FolderSightings];
  return sightings;
}
