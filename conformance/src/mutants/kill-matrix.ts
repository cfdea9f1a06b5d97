import { styleText } from 'node:util';
import type { Mark, MutantResult } from './judge.ts';

const SIGNS: Readonly<
  Record<Mark, readonly [sign: string, style: Parameters<typeof styleText>[0]]>
> = {
  kept: ['·', 'dim'],
  killed: ['✗', 'green'],
  declared: ['c', 'yellow'],
  blocked: ['?', 'dim'],
  undeclared: ['!', 'red'],
};

/** Rule by mutant, a column for each mutant: they stand in the order of the list below the matrix. */
export function killMatrix(
  results: readonly MutantResult[],
  requirements: readonly string[],
): string {
  const width = Math.max(...requirements.map((id) => id.length));
  const rows = requirements.map((id) => {
    const cells = results.map(({ marks }) => {
      const mark = marks.get(id);
      if (!mark) return ' ';
      const [sign, style] = SIGNS[mark];
      return styleText(style, sign);
    });
    return `${id.padEnd(width)}  ${cells.join('')}`;
  });
  const list = results.map(
    ({ mutant }, column) =>
      `${String(column + 1).padStart(3)}  ${mutant.id.padEnd(width + 10)}  ${mutant.does}`,
  );
  const legend =
    '✗ killed by its own rule   c declared collateral   ? not reached, because it cannot get a token   · kept by what was played of it   ! undeclared   (blank) not played: the patch is nowhere near it';
  return [...rows, legend, '', ...list].join('\n');
}
