import { styleText } from 'node:util';
import { RED } from '../verdict/verdict.ts';
import type { Report, TrialResult } from './model.ts';

/** Everything about a trial that went wrong, so that nobody has to run it again to see why. */
export function failureBlock(trial: TrialResult, report: Report): string {
  const requirement = report.requirements.find(({ id }) => id === trial.requirement);
  const block = [
    styleText(['red', 'bold'], `${trial.verdict}  ${trial.implementation}  ${trial.case}`),
    `  rule      ${requirement?.rule ?? ''}`,
    `  source    ${requirement?.level ?? ''}: ${requirement?.sources.join('; ') ?? ''}`,
    ...(trial.reason?.expected === undefined ? [] : [`  expected  ${trial.reason.expected}`]),
    ...(trial.reason?.seen === undefined ? [] : [`  seen      ${trial.reason.seen}`]),
  ];
  if (trial.trace && trial.trace.wire.length > 0)
    block.push('  wire', ...trial.trace.wire.map((line) => `    ${line}`));
  const stderr = trial.trace?.stderr.trim() ?? '';
  if (stderr !== '') block.push('  stderr', ...stderr.split('\n').map((line) => `    ${line}`));
  block.push(
    `  again     pnpm conformance --implementation ${trial.implementation} --requirement '${trial.case}'`,
  );
  return block.join('\n');
}

export function failures(report: Report): TrialResult[] {
  return report.trials.filter(({ verdict }) => RED.has(verdict));
}
