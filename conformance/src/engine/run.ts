import { fileURLToPath } from 'node:url';
import { createVitest, type Vitest } from 'vitest/node';
import { casesOf, type Identified } from '../requirements/load.ts';
import type { Implementation } from '../implementations/find.ts';
import type { TrialResult } from '../report/model.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { ProjectHandshake, ProjectPlan } from './plan.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// Trials mostly wait; this many at once keep a machine of two cores busy without letting one starve another of its time limits.
const TRIALS_AT_ONCE = 8;
const TRIAL_LIMIT_MS = 90_000;

export interface Subject {
  readonly implementation: Implementation;
  readonly runtime: Runtime;
}

export interface RunResult {
  readonly trials: TrialResult[];
  readonly handshakes: ReadonlyMap<string, ProjectHandshake>;
}

/**
 * Runs the cases of the requirements on every subject, each subject in a Vitest project of its own.
 *
 * @returns a result for every planned trial: one that Vitest lost is a `harness-error`.
 */
export async function runTrials(
  keycloakUrl: string,
  subjects: readonly Subject[],
  requirements: readonly Identified[],
): Promise<RunResult> {
  const plans = subjects.map(({ implementation, runtime }): ProjectPlan => ({
    keycloakUrl,
    implementation,
    runtime,
    cases: requirements
      .flatMap(casesOf)
      .filter((known) => applies(known, implementation))
      .map(({ id }) => id),
  }));
  const results = new Map<string, TrialResult>();
  const handshakes = new Map<string, ProjectHandshake>();
  const errors: string[] = [];
  const vitest = await createVitest('test', {
    root: ROOT,
    config: false,
    watch: false,
    cache: false,
    maxWorkers: Math.min(plans.length, 6),
    projects: plans.map(project),
    reporters: [
      {
        onTestCaseResult(testCase) {
          const { trial, handshake } = testCase.meta();
          if (trial) {
            results.set(`${trial.implementation} ${trial.case}`, trial);
          } else
            errors.push(
              testCase
                .result()
                .errors?.map(({ message }) => message)
                .join('; ') ?? '',
            );
          if (handshake) handshakes.set(testCase.project.name, handshake);
        },
        onTestRunEnd(modules, unhandled) {
          for (const { message } of unhandled) errors.push(message);
          for (const module of modules)
            for (const { message } of module.errors()) errors.push(message);
        },
      },
    ],
  });
  await untilEnd(vitest);
  const trials = plans.flatMap(({ cases, implementation: { name } }) =>
    cases.map((id) => results.get(`${name} ${id}`) ?? lost(name, id, errors)),
  );
  return { trials, handshakes };
}

async function untilEnd(vitest: Vitest): Promise<void> {
  try {
    await vitest.start();
  } finally {
    await vitest.close();
  }
}

function project(plan: ProjectPlan) {
  return {
    test: {
      name: plan.implementation.name,
      root: ROOT,
      include: ['engine/trials.vitest.ts'],
      provide: { plan },
      pool: 'threads' as const,
      maxConcurrency: TRIALS_AT_ONCE,
      testTimeout: TRIAL_LIMIT_MS,
      retry: 0,
    },
  };
}

function applies(
  { definition }: ReturnType<typeof casesOf>[number],
  { adapter, samples }: Implementation,
): boolean {
  return definition.kind === 'sample' ? Object.keys(samples).length > 0 : adapter !== undefined;
}

function lost(implementation: string, id: string, errors: readonly string[]): TrialResult {
  return {
    implementation,
    requirement: id.slice(0, id.lastIndexOf('/')),
    case: id,
    verdict: 'harness-error',
    reason: { expected: 'a result', seen: `the trial ended without one. ${errors.join('; ')}` },
    duration_ms: 0,
  };
}
