import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CannotRun } from '../cannot-run.ts';
import type { Implementation } from '../implementations/find.ts';
import { casesOf, type Identified, type IdentifiedCase } from '../requirements/load.ts';
import type { TrialOutcome } from '../trial/trial.ts';
import { RED } from '../verdict/verdict.ts';

/** `expected-failures.json` beside an implementation: what is known to fail, and why. */
const list = z.array(
  z.strictObject({
    /** Id of a requirement, for all of its cases, or of one case. */
    id: z.string().min(1),
    reason: z.string().min(1),
    link: z.url(),
    /** From this day on it has to pass. */
    until: z.iso.date().optional(),
  }),
);
export type ExpectedFailure = z.infer<typeof list>[number];

/** @throws CannotRun for a list that cannot be read. */
export async function expectedFailures(folder: string): Promise<ExpectedFailure[]> {
  const file = join(folder, 'expected-failures.json');
  if (!existsSync(file)) return [];
  try {
    return list.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new CannotRun(`${file} is no list of expected failures: ${why}`);
  }
}

/**
 * What is listed and is nothing: a rule that was renamed would otherwise be known to fail for ever.
 *
 * @throws CannotRun naming it.
 */
export async function checkExpectedFailures(
  implementations: readonly Pick<Implementation, 'folder'>[],
  requirements: readonly Identified[],
): Promise<void> {
  const ids = new Set(requirements.flatMap((one) => [one.id, ...casesOf(one).map(({ id }) => id)]));
  for (const { folder } of implementations) {
    const unknown = (await expectedFailures(folder)).filter(({ id }) => !ids.has(id));
    if (unknown.length === 0) continue;
    throw new CannotRun(
      `${join(folder, 'expected-failures.json')} names ${unknown.map(({ id }) => id).join(', ')}, which no requirement and no case is called: take it off the list`,
    );
  }
}

/** The verdict in the light of what is known: a known failure that passes is a failure of the list; and a broken SHOULD is a warning. */
export function settle(
  outcome: TrialOutcome,
  { id, requirement }: Pick<IdentifiedCase, 'id' | 'requirement'>,
  known: readonly ExpectedFailure[],
  today: string = new Date().toISOString().slice(0, 10),
): TrialOutcome {
  const entry = known.find((listed) => listed.id === id || listed.id === requirement.id);
  const isBroken = outcome.verdict === 'fail' && !outcome.isAdapters;
  const isWarning = isBroken && requirement.level === 'SHOULD';
  if (!entry) return isWarning ? { ...outcome, verdict: 'warn' } : outcome;
  if (outcome.verdict === 'harness-error' || outcome.verdict === 'not-implemented') return outcome;
  if (!RED.has(outcome.verdict)) {
    return {
      verdict: 'fail',
      expected: 'a failure, as expected-failures.json says',
      seen: 'it passes: take it off the list',
    };
  }
  if (entry.until !== undefined && today >= entry.until) return outcome;
  return { ...outcome, verdict: 'expected-fail', seen: `${entry.reason} (${entry.link})` };
}
