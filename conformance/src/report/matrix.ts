import { styleText } from 'node:util';
import { VERDICTS, type Verdict } from '../verdict/verdict.ts';
import type { Report, TrialResult } from './model.ts';

type Style = Parameters<typeof styleText>[0];

const SIGNS: Readonly<Record<Verdict, readonly [sign: string, style: Style]>> = {
  pass: ['✓', 'green'],
  fail: ['✗', 'red'],
  warn: ['!', 'yellow'],
  'not-implemented': ['–', 'dim'],
  'not-reached': ['?', 'red'],
  contradiction: ['≠', 'red'],
  'expected-fail': ['x', 'yellow'],
  'harness-error': ['E', 'magenta'],
};

// The worst comes first: a requirement shows the worst verdict of its cases.
const WORST: readonly Verdict[] = [
  'harness-error',
  'contradiction',
  'fail',
  'not-reached',
  'warn',
  'expected-fail',
  'not-implemented',
  'pass',
];

export function worst(trials: readonly TrialResult[]): Verdict | undefined {
  return WORST.find((verdict) => trials.some((trial) => trial.verdict === verdict));
}

/** Requirement by implementation, for a terminal. */
export function matrix(report: Report): string {
  const columns = report.implementations.map(({ name }) => name);
  const idWidth = Math.max(...report.requirements.map(({ id }) => id.length));
  const cell = (requirement: string, implementation: string): string => {
    const trials = report.trials.filter(
      (trial) => trial.requirement === requirement && trial.implementation === implementation,
    );
    const verdict = worst(trials);
    const [sign, style] = verdict ? SIGNS[verdict] : [' ', 'dim' as const];
    const pad = implementation.length - 1;
    return `${' '.repeat(Math.floor(pad / 2))}${styleText(style, sign)}${' '.repeat(Math.ceil(pad / 2))}`;
  };
  const rows = report.requirements.map(({ id }) =>
    [id.padEnd(idWidth), ...columns.map((name) => cell(id, name))].join('  '),
  );
  const head = [' '.repeat(idWidth), ...columns].join('  ');
  return [styleText('bold', head), ...rows, '', legend(report)].join('\n');
}

function legend({ totals }: Report): string {
  return VERDICTS.filter((verdict) => (totals[verdict] ?? 0) > 0)
    .map(
      (verdict) =>
        `${styleText(SIGNS[verdict][1], SIGNS[verdict][0])} ${verdict} ${totals[verdict]}`,
    )
    .join('   ');
}
