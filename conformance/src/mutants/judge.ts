import { RED } from '../verdict/verdict.ts';
import type { TrialResult } from '../report/model.ts';
import type { IdentifiedMutant } from './load.ts';

/** What became of one requirement under a mutant. */
export type Mark = 'kept' | 'killed' | 'declared' | 'blocked' | 'undeclared';

export interface MutantResult {
  readonly mutant: IdentifiedMutant;
  readonly marks: ReadonlyMap<string, Mark>;
  /** What is wrong with the harness, or with the mutant's declaration; empty if all is as it should be. */
  readonly complaints: readonly string[];
}

/** Compares the requirements that a mutant turned red with those that it was declared to. */
export function judgeMutant(
  mutant: IdentifiedMutant,
  trials: readonly TrialResult[],
): MutantResult {
  const requirements = [...new Set(trials.map(({ requirement }) => requirement))];
  const marks = new Map(
    requirements.map((id) => [
      id,
      mark(
        mutant,
        id,
        trials.filter(({ requirement }) => requirement === id),
      ),
    ]),
  );
  const complaints: string[] = [];
  if (trials.length === 0) complaints.push(`${mutant.id}: nothing was tried`);
  if (marks.get(mutant.requirement) !== 'killed')
    complaints.push(`${mutant.id} survives: ${mutant.does}`);
  for (const [id, how] of marks) {
    if (how !== 'undeclared') continue;
    const red = trials.filter(({ requirement, verdict }) => requirement === id && RED.has(verdict));
    const why = red.map(
      (trial) =>
        `${trial.case} ${trial.verdict} (expected ${trial.reason?.expected ?? '?'}; seen ${trial.reason?.seen ?? '?'})`,
    );
    complaints.push(`${mutant.id} turns ${id} red, undeclared: ${why.join('; ')}`);
  }
  const lost = trials.filter(({ verdict }) => verdict === 'harness-error');
  for (const trial of lost)
    complaints.push(
      `${mutant.id}: ${trial.case} ended in a harness error: ${trial.reason?.seen ?? ''}`,
    );
  return { mutant, marks, complaints };
}

function mark(mutant: IdentifiedMutant, id: string, trials: readonly TrialResult[]): Mark {
  const red = trials.filter(({ verdict }) => RED.has(verdict));
  if (red.length === 0) return 'kept';
  const broken = red.some(({ verdict }) => verdict !== 'not-reached');
  // Its own requirement must be seen broken: that it was not reached shows nothing.
  if (id === mutant.requirement) return broken ? 'killed' : 'undeclared';
  if ((mutant.collateral ?? []).some((pattern) => fits(pattern, id))) return 'declared';
  return !broken && mutant.blocks === true ? 'blocked' : 'undeclared';
}

function fits(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}
