import { expect, test } from 'vitest';
import { loadMutants, staleEdits } from './load.ts';

test('every mutant changes what still stands in the client', async () => {
  const mutants = await loadMutants();
  expect(mutants.length).toBeGreaterThan(0);
  expect((await Promise.all(mutants.map(staleEdits))).flat()).toEqual([]);
});
