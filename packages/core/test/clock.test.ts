import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { elapsedSince, systemClock } from '../src/clock.ts';

// Each test looks long after the one before.
let start = performance.now();

beforeEach(() => {
  start += 1_000_000;
});

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['forward', 8_000_000],
  ['back', -8_000],
])('a wall clock that is set %s begins an era, 200 ms late at most', (_, ms) => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000 });
  const era = systemClock.era(start);
  vi.setSystemTime(1_000_000_000 + ms);
  expect(systemClock.era(start + 199)).toBe(era);
  expect(systemClock.era(start + 200)).toBe(era + 1);
  vi.setSystemTime(1_000_000_000 + ms + 200);
  expect(systemClock.era(start + 400)).toBe(era + 1);
});

test('what a time server evens out begins none, until it adds up', () => {
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000_000 });
  const era = systemClock.era(start);
  vi.setSystemTime(1_000_000_240);
  expect(systemClock.era(start + 200)).toBe(era);
  vi.setSystemTime(1_000_000_460);
  expect(systemClock.era(start + 400)).toBe(era + 1);
});

test('what has passed is what the clock says that has gone further', () => {
  const clock = { monotonic: () => 10, wall: () => 5_000, era: () => 1 };
  expect(elapsedSince({ monotonic: 0, wall: 4_999 }, clock)).toBe(10);
  expect(elapsedSince({ monotonic: 0, wall: 1_000 }, clock)).toBe(4_000);
});
