import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stalls } from './stalls.ts';

test('a time in which nothing could be done is counted, as far as it lies within the time that is asked for', async () => {
  await pause(100);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  const to = performance.now();
  // The event loop has not come round yet.
  expect(stalls.within(to - 1_000, to)).toBeCloseTo(1_000);
  await pause(100);
  expect(stalls.within(to - 1_000, to)).toBeCloseTo(1_000);
  expect(stalls.within(to - 1_000, to - 400)).toBeCloseTo(600);
  expect(stalls.within(to + 60_000, to + 70_000)).toBe(0);
});
