import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { FileStore } from '@polyglot-tokens/core';
import { median } from '../host.ts';
import { core, type Place } from './peers.ts';

export interface Task {
  readonly place: Place;
  readonly file: string;
  readonly ms: number;
}

export interface WorkerReport {
  readonly calls: number;
  readonly failed: number;
  readonly medianUs: number;
  readonly slowestMs: number;
}

const PAUSE_MS = 5;

async function work({ place, file, ms }: Task): Promise<WorkerReport> {
  const client = core(place, { store: new FileStore(file) });
  const times: number[] = [];
  let failed = 0;
  const end = performance.now() + ms;
  while (performance.now() < end) {
    const startedAt = performance.now();
    const token = await client.getToken().catch(() => undefined);
    times.push(performance.now() - startedAt);
    if (!token || token.expiresIn === 0) failed++;
    await pause(PAUSE_MS);
  }
  const medianUs = 1000 * median(times);
  return { calls: times.length, failed, medianUs, slowestMs: Math.max(...times) };
}

const [task] = (await once(process, 'message')) as [Task];
process.send?.(await work(task));
process.disconnect();
