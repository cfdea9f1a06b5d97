import { expect, test } from 'vitest';
import { readDescription } from './description.ts';

test('Imports are read over several lines, with and without versions', () => {
  const source = `Package: samples
Version: 0.1
Imports:
    httr2 (>= 0.2.2),
    jsonlite,
    data.table(>=1.14-2)
Suggests: testthat (>= 3.1)
`;
  expect(readDescription(source)).toEqual({
    r: undefined,
    imports: [
      { name: 'httr2', minimum: '0.2.2' },
      { name: 'jsonlite', minimum: '0' },
      { name: 'data.table', minimum: '1.14-2' },
    ],
  });
});

test('Depends gives the least R', () => {
  expect(readDescription('Depends: R (>= 4.3)\nImports: curl')).toEqual({
    r: '4.3',
    imports: [{ name: 'curl', minimum: '0' }],
  });
});

test('a DESCRIPTION without the two fields asks for nothing', () => {
  expect(readDescription('Package: x\n')).toEqual({ r: undefined, imports: [] });
});
