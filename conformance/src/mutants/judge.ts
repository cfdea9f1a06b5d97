import { BROKEN } from '../verdict/verdict.ts';
import type { TrialResult } from '../report/model.ts';
import { casesOf, type Identified, serversOf } from '../requirements/load.ts';
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
    complaints.push(`${mutant.id} survives: ${mutant.does} (${ends(mutant, trials)})`);
  for (const [id, how] of marks) {
    if (how !== 'undeclared') continue;
    const red = trials.filter(
      ({ requirement, verdict }) => requirement === id && BROKEN.has(verdict),
    );
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

/**
 * Requirements that are played at a server where no client that breaks them was ever seen to: their cases there may not be able to fail.
 *
 * @param tried the trials of the mutants whose own requirement it is.
 */
export function neverRed(
  requirements: readonly Identified[],
  mutants: readonly IdentifiedMutant[],
  tried: readonly TrialResult[],
): string[] {
  const own = new Map(mutants.map(({ id, requirement }) => [id, requirement]));
  const broken = new Set(
    tried
      .filter((trial) => own.get(trial.implementation) === trial.requirement && isBroken(trial))
      .map(({ requirement, server }) => `${requirement} at ${server}`),
  );
  return requirements
    .filter(({ id }) => mutants.some(({ requirement }) => requirement === id))
    .flatMap((requirement) => {
      const servers = new Set(
        casesOf(requirement)
          .filter(({ definition }) => definition.kind !== 'sample')
          .flatMap(({ definition }) => serversOf(definition)),
      );
      return [...servers].map((server) => `${requirement.id} at ${server}`);
    })
    .filter((place) => !broken.has(place))
    .map((place) => `${place}: no mutant of the rule fails there`);
}

function isBroken({ verdict }: TrialResult): boolean {
  return verdict === 'fail' || verdict === 'warn' || verdict === 'contradiction';
}

function mark(mutant: IdentifiedMutant, id: string, trials: readonly TrialResult[]): Mark {
  const red = trials.filter(({ verdict }) => BROKEN.has(verdict));
  if (red.length === 0) return 'kept';
  // What was not reached, or ended in an error of the harness, shows nothing.
  const broken = red.some(isBroken);
  // Its own requirement must be seen broken: that it was not reached shows nothing.
  if (id === mutant.requirement) return broken ? 'killed' : 'undeclared';
  if ((mutant.collateral ?? []).some((pattern) => fits(pattern, id))) return 'declared';
  return !broken && mutant.blocks === true ? 'blocked' : 'undeclared';
}

/** How its own cases ended. */
function ends(mutant: IdentifiedMutant, trials: readonly TrialResult[]): string {
  return trials
    .filter(({ requirement }) => requirement === mutant.requirement)
    .map(
      ({ case: id, verdict, reason }) =>
        `${id} ${verdict}${reason?.seen ? `, seen ${reason.seen}` : ''}`,
    )
    .join('; ');
}

function fits(pattern: string, id: string): boolean {
  return pattern.endsWith('*') ? id.startsWith(pattern.slice(0, -1)) : id === pattern;
}
