import { styleText } from 'node:util';
import { SIGNS } from './matrix.ts';
import type { Report, TrialResult } from './model.ts';

const TO = /\/to-(.+)$/;

/** The second client of a hand-over; `undefined` where the case is none. */
export const partnerOf = ({ case: id }: Pick<TrialResult, 'case'>): string | undefined =>
  TO.exec(id)?.[1];

/** Who handed a login to whom: first client by second one. Empty when nobody did. */
export function handOverMatrix({ trials }: Report): string {
  const pairs = trials.filter((trial) => partnerOf(trial) !== undefined);
  if (pairs.length === 0) return '';
  const names = [...new Set(pairs.map(({ implementation }) => implementation))];
  const width = Math.max(...names.map(({ length }) => length));
  const rows = names.map((first) => {
    const cells = names.map((second) => {
      const pair = pairs.find(
        (trial) => trial.implementation === first && partnerOf(trial) === second,
      );
      const [sign, style] = pair ? SIGNS[pair.verdict] : [' ', 'dim' as const];
      return styleText(style, sign) + ' '.repeat(second.length - 1);
    });
    return [first.padEnd(width), ...cells].join('  ').trimEnd();
  });
  const head = [' '.repeat(width), ...names].join('  ');
  return [
    'A login of the first client, used and renewed by the second, both at once:',
    styleText('bold', head),
    ...rows,
  ].join('\n');
}
