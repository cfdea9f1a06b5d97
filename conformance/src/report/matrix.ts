import { styleText } from 'node:util';
import { VERDICTS, type Verdict } from '../verdict/verdict.ts';
import { TITLES } from '../servers/server.ts';
import type { Report, ServerReport, TrialResult } from './model.ts';

type Style = Parameters<typeof styleText>[0];

/** How a verdict is shown in one character. */
export const SIGNS: Readonly<Record<Verdict, readonly [sign: string, style: Style]>> = {
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

/** Requirement by implementation, for a terminal: a table for each server. */
export function matrix(report: Report): string {
  const tables = report.servers.map((server) => table(report, server));
  return [...tables, legend(report)].join('\n\n');
}

function table(report: Report, { name: server, version }: ServerReport): string {
  const trials = report.trials.filter((trial) => trial.server === server);
  const columns = report.implementations.map(({ name }) => name);
  const rules = report.requirements.filter(({ id }) =>
    trials.some((trial) => trial.requirement === id),
  );
  const title = `${TITLES[server]} ${version}`;
  const idWidth = Math.max(title.length, ...rules.map(({ id }) => id.length));
  const cell = (requirement: string, implementation: string): string => {
    const verdict = worst(
      trials.filter(
        (trial) => trial.requirement === requirement && trial.implementation === implementation,
      ),
    );
    const [sign, style] = verdict ? SIGNS[verdict] : [' ', 'dim' as const];
    const pad = implementation.length - 1;
    return `${' '.repeat(Math.floor(pad / 2))}${styleText(style, sign)}${' '.repeat(Math.ceil(pad / 2))}`;
  };
  const rows = rules.map(({ id }) =>
    [id.padEnd(idWidth), ...columns.map((name) => cell(id, name))].join('  '),
  );
  const head = [title.padEnd(idWidth), ...columns].join('  ');
  return [styleText('bold', head), ...rows].join('\n');
}

function legend({ totals }: Report): string {
  return VERDICTS.filter((verdict) => (totals[verdict] ?? 0) > 0)
    .map(
      (verdict) =>
        `${styleText(SIGNS[verdict][1], SIGNS[verdict][0])} ${verdict} ${totals[verdict]}`,
    )
    .join('   ');
}
