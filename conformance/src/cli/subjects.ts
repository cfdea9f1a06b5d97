import { fileURLToPath } from 'node:url';
import { parseArgsStringToArgv } from 'string-argv';
import { CannotRun } from '../cannot-run.ts';
import { isAbout } from '../engine/plan.ts';
import { findImplementations, type Implementation } from '../implementations/find.ts';
import { casesOf, type Identified } from '../requirements/load.ts';
import type { Options } from './options.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * What the options name: implementations of the repository, or the one command of `--adapter`.
 *
 * @throws CannotRun for a name that is not there.
 */
export async function subjects({ adapter, implementations }: Options): Promise<Implementation[]> {
  if (adapter !== undefined && implementations.length > 0)
    throw new CannotRun('--adapter stands in place of --implementation: leave one of them out');
  if (adapter !== undefined) return [adapterOnly(adapter)];
  const all = await findImplementations(REPOSITORY);
  const unknown = implementations.filter((name) => !all.some((known) => known.name === name));
  if (unknown.length > 0) {
    throw new CannotRun(
      `--implementation ${unknown.join(',')}: there is none of that name. There are: ${all.map(({ name }) => name).join(', ')}`,
    );
  }
  return implementations.length === 0
    ? all
    : all.filter(({ name }) => implementations.includes(name));
}

/**
 * Those of them that what was selected can be about: a rule for clients says nothing about an implementation that has samples only.
 *
 * @throws CannotRun when that leaves none.
 */
export function concerned(
  implementations: readonly Implementation[],
  requirements: readonly Identified[],
  { implementations: named, patterns, tiers }: Options,
): Implementation[] {
  // Whoever names an implementation wants to hear that nothing was tried; and without a selection each has its trials.
  if (named.length > 0 || (patterns.length === 0 && tiers.length === 0))
    return [...implementations];
  const cases = requirements.flatMap(casesOf);
  const left = implementations.filter((implementation) =>
    cases.some((known) => isAbout(known, implementation)),
  );
  if (left.length === 0) throw new CannotRun('nothing of what is selected can be tried here');
  return left;
}

function adapterOnly(command: string): Implementation {
  const words = parseArgsStringToArgv(command);
  if (words.length === 0) throw new CannotRun('--adapter: the command is empty');
  return {
    name: 'adapter',
    language: 'unknown',
    folder: process.cwd(),
    adapter: words,
    samples: {},
    needs: { runtime: 'node' },
  };
}
