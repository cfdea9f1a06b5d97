import { expect, test } from 'vitest';
import { inGoodTime } from './in-good-time.ts';

test.each([
  ['the first attempt that was in time counts', 2, 2],
  ['and the last one, if none was', Infinity, 3],
])('%s', async (_, inTimeFrom, counts) => {
  let attempts = 0;
  const seen = await inGoodTime(
    3,
    () => Promise.resolve(++attempts),
    (attempt) => attempt >= inTimeFrom,
  );
  expect(seen).toBe(counts);
  expect(attempts).toBe(counts);
});
