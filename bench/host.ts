// What a benchmark has to know about the machine that it runs on, and how its figures are summed up.
import { readFile } from 'node:fs/promises';

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export interface Ticks {
  readonly all: number;
  readonly stolen: number;
}

/** What the processors did since the machine started, in ticks: all of it, and what a hypervisor gave to somebody else (proc_stat(5)). */
export async function ticks(): Promise<Ticks | undefined> {
  const stat = await readFile('/proc/stat', 'utf8').catch(() => undefined);
  const [, ...counts] = stat?.split('\n')[0]?.trim().split(/\s+/).slice(0, 9).map(Number) ?? [];
  if (counts.length < 8) return undefined;
  return { all: counts.reduce((sum, count) => sum + count, 0), stolen: counts[7] ?? 0 };
}

export function stolenShare(before: Ticks | undefined, after: Ticks | undefined): string {
  if (!before || !after) return 'unknown';
  return `${((100 * (after.stolen - before.stolen)) / (after.all - before.all)).toFixed(1)} %`;
}
