import { styleText } from 'node:util';
import type { Options } from '../cli/options.ts';
import { trialName } from '../engine/plan.ts';
import { typedWord } from '../processes/shell-word.ts';
import { BROKEN } from '../verdict/verdict.ts';
import { partnerOf } from './hand-over.ts';
import type { Report, TrialResult } from './model.ts';

/** A broken adapter can spoil hundreds. */
const MOST_NAMED = 12;

/**
 * Everything about a trial that went wrong, so that nobody has to run it again to see why.
 *
 * @param options of the run, which the line `again` repeats.
 * @param alike names of further trials that the same spoilt.
 */
export function failureBlock(
  trial: TrialResult,
  report: Report,
  options: Repeatable,
  alike: readonly string[] = [],
): string {
  const requirement = report.requirements.find(({ id }) => id === trial.requirement);
  const block = [
    styleText(['red', 'bold'], `${trial.verdict}  ${trial.implementation}  ${trialName(trial)}`),
    `  rule      ${requirement?.rule ?? ''}`,
    `  source    ${requirement?.level ?? ''}: ${requirement?.sources.join('; ') ?? ''}`,
    ...(trial.reason?.expected === undefined ? [] : [`  expected  ${trial.reason.expected}`]),
    ...(trial.reason?.seen === undefined ? [] : [`  seen      ${trial.reason.seen}`]),
  ];
  if (trial.trace && trial.trace.wire.length > 0)
    block.push('  wire', ...trial.trace.wire.map((line) => `    ${line}`));
  const stderr = trial.trace?.stderr.trim() ?? '';
  if (stderr !== '') block.push('  stderr', ...stderr.split('\n').map((line) => `    ${line}`));
  if (alike.length > 0)
    block.push(
      `  spoilt    ${alike.length} more: ${alike.slice(0, MOST_NAMED).join(', ')}${alike.length > MOST_NAMED ? ' …' : ''}`,
    );
  block.push(`  again     ${command(trial, options)}`);
  return block.join('\n');
}

/** What the command that plays a trial again takes over from the run. */
export type Repeatable = Pick<Options, 'adapter' | 'browser' | 'servers'>;

function command(trial: TrialResult, options: Repeatable): string {
  const { implementation, case: id, server } = trial;
  const { adapter, browser, servers } = options;
  // The other client of a hand-over has to be there too.
  const partner = partnerOf(trial);
  const subject =
    adapter === undefined
      ? ['--implementation', [implementation, ...(partner ? [partner] : [])].join(',')]
      : ['--adapter', adapter];
  const way = servers.keycloak instanceof URL ? servers.keycloak.href : servers.keycloak;
  const where = server === 'keycloak' ? way : server;
  const words = ['pnpm', 'conformance', ...subject, '--requirement', id];
  if (where !== undefined) words.push('--server', where);
  if (browser) words.push('--browser');
  return words.map(typedWord).join(' ');
}

export interface Failure {
  readonly trial: TrialResult;
  /** Names of further trials that the same spoilt. */
  readonly alike: readonly string[];
}

/** What failed, warnings too. An adapter that does not work is told once, and not for every trial that it spoils before anything was sent. */
export function failures({ trials, implementations }: Report): Failure[] {
  const red = trials.filter(({ verdict }) => BROKEN.has(verdict));
  const broken = new Map(implementations.map(({ name, broken: why }) => [name, why]));
  const isSpoilt = ({ implementation, reason, trace }: TrialResult): boolean =>
    reason?.seen !== undefined &&
    reason.seen === broken.get(implementation) &&
    (trace?.wire.length ?? 0) === 0;
  const spoilt = Map.groupBy(red.filter(isSpoilt), ({ implementation }) => implementation);
  return red.flatMap((trial): Failure[] => {
    if (!isSpoilt(trial)) return [{ trial, alike: [] }];
    const [first, ...others] = spoilt.get(trial.implementation) ?? [];
    return trial === first ? [{ trial, alike: others.map(trialName) }] : [];
  });
}
