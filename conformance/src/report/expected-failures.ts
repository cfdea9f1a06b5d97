import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { IdentifiedCase } from '../requirements/load.ts';
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

export async function expectedFailures(folder: string): Promise<ExpectedFailure[]> {
  let text: string;
  try {
    text = await readFile(join(folder, 'expected-failures.json'), 'utf8');
  } catch {
    return [];
  }
  return list.parse(JSON.parse(text));
}

/** The verdict in the light of what is known: a known failure that passes is a failure of the list. */
export function settle(
  outcome: TrialOutcome,
  { id, requirement }: Pick<IdentifiedCase, 'id' | 'requirement'>,
  known: readonly ExpectedFailure[],
  today: string = new Date().toISOString().slice(0, 10),
): TrialOutcome {
  const entry = known.find((listed) => listed.id === id || listed.id === requirement.id);
  if (!entry || outcome.verdict === 'harness-error' || outcome.verdict === 'not-implemented')
    return outcome;
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
