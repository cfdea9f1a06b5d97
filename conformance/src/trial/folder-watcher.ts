// The thread of watchFolder: looks without a pause, for what it looks for may be there for some microseconds only.
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import type { FolderSightings, FolderWatch } from './folder-watch.ts';

const OTHERS = 0o077;
const { folder, file, end } = workerData as FolderWatch;
const loose = new Set<string>();
const torn = new Set<string>();
let versions = 0;
let looks = 0;
let text: string | undefined;

function modeOf(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0;
}

function lookAtModes(): void {
  const note = (what: string, mode: number): void => {
    if (mode & OTHERS) loose.add(`${what} ${(mode & 0o7777).toString(8).padStart(4, '0')}`);
  };
  note('the folder', modeOf(folder));
  for (const name of ifThere(() => readdirSync(folder)) ?? [])
    note(name.replaceAll(/\d+|[0-9a-f]{8,}/g, '…'), modeOf(join(folder, name)));
}

function lookAtContent(): void {
  const now = ifThere(() => readFileSync(file, 'utf8'));
  if (now === text) return;
  if (now === undefined) torn.add('gone');
  else if (isWhole(now)) versions++;
  else torn.add(`${now.length} characters that are no JSON object`);
  text = now;
}

function isWhole(content: string): boolean {
  try {
    const json: unknown = JSON.parse(content);
    return typeof json === 'object' && json !== null;
  } catch {
    return false;
  }
}

function ifThere<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
const tell = (message: FolderSightings | 'ready'): void => parentPort?.postMessage(message);

tell('ready');
while (Atomics.load(end, 0) === 0) {
  lookAtModes();
  lookAtContent();
  looks++;
}
tell({ loose: [...loose], torn: [...torn], versions, looks });
