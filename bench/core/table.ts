// One table of everything: a row is a job, a column a client, and a client that cannot do a job says why.
import { median, quantile } from '../host.ts';

/** The columns: what the job costs without any client, ours, and the peers. */
export const COLUMNS = [
  'nothing',
  '@polyglot-tokens/core',
  '@badgateway/oauth2-client',
  'google-auth-library',
  '@azure/msal-node',
  'openid-client',
  'simple-oauth2',
] as const;
export type Column = (typeof COLUMNS)[number];

export interface Cell {
  readonly text: string;
  readonly note?: string;
}

export interface Row {
  readonly job: string;
  readonly cells: Readonly<Record<Column, Cell | string>>;
}

export const no = (reason: string): Cell => ({ text: 'no', note: reason });
export const NOTHING: Cell = { text: '–' };

/** The median, with the middle half of the values for a spread. */
export function spread(values: readonly number[], digits = 0, unit = ''): string {
  const [low, middle, high] = [quantile(values, 0.25), median(values), quantile(values, 0.75)];
  const text = (value: number): string => value.toFixed(digits);
  return `${text(middle)}${unit} (${text(low)}–${text(high)})`;
}

/** Everybody does its turn in every round, another one first each time: a machine that slows down slows all of them down. */
export async function inTurns<Name extends string, Result>(
  contenders: Partial<Record<Name, () => Promise<Result | undefined>>>,
  rounds: number,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(contenders) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]]));
  for (let round = 0; round < rounds; round++) {
    for (const index of names.keys()) {
      const name = names[(index + round) % names.length] as Name;
      const result = await contenders[name]?.();
      if (result !== undefined) results[name]?.push(result);
    }
  }
  return results as Record<Name, Result[]>;
}

/** Fails the benchmark: a figure of something else than what it is said to be is worse than none. */
export function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(`the benchmark did not measure what it says: ${what}`);
}

/** As Markdown, with the reasons as footnotes. */
export function render(rows: readonly Row[], versions: Readonly<Record<Column, string>>): string {
  const notes: string[] = [];
  const show = (cell: Cell | string): string => {
    const { text, note } = typeof cell === 'string' ? { text: cell, note: undefined } : cell;
    if (note === undefined) return text;
    if (!notes.includes(note)) notes.push(note);
    return `${text} [${notes.indexOf(note) + 1}]`;
  };
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const lines = [
    line(['', ...COLUMNS.map((name) => `${name} ${versions[name]}`.trim())]),
    line(['---', ...COLUMNS.map(() => '---')]),
    ...rows.map(({ job, cells }) => line([job, ...COLUMNS.map((name) => show(cells[name]))])),
  ];
  return [...lines, '', ...notes.map((note, index) => `[${index + 1}] ${note}`)].join('\n');
}
