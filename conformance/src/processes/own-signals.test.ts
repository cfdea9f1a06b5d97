import { afterEach, expect, test } from 'vitest';
import { keepingOwnSignals } from './own-signals.ts';

const ours = (): void => undefined;
const theirs = (): void => undefined;

afterEach(() => {
  for (const handler of [ours, theirs]) process.off('SIGINT', handler).off('SIGTERM', handler);
});

test.each(['SIGINT', 'SIGTERM'] as const)('%s stays with whom it belonged to', async (signal) => {
  process.on(signal, ours);
  const result = await keepingOwnSignals(async () => {
    process.once(signal, theirs);
    return Promise.resolve('done');
  });
  expect(result).toBe('done');
  expect(process.listeners(signal)).toContain(ours);
  expect(process.listeners(signal)).not.toContain(theirs);
});
