import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { createVitest, type Vitest } from 'vitest/node';
import { keepingOwnSignals } from '../processes/own-signals.ts';
import { casesOf, type Identified, type IdentifiedCase, serversOf } from '../requirements/load.ts';
import type { Implementation } from '../implementations/find.ts';
import type { TrialResult } from '../report/model.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { ServerName } from '../servers/server.ts';
import { withTemporaryFolder } from '../servers/temporary-folder.ts';
import type { BrowserSettings } from '../user/chromium-user.ts';
import {
  isAbout,
  type Partner,
  type PlannedTrial,
  type ProjectPlan,
  type SubjectHandshake,
  type SubjectPlan,
  trialName,
} from './plan.ts';
import { announceServers, type StartingServers } from './server-urls.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
// Of the subjects of one worker; most of them are in a pause.
const TRIALS_AT_ONCE = 72;
// A worker keeps a seventh of a processor busy; the programs that it tries take the rest. Each further one takes a second to begin, and starts adapters of its own for those that hand
// over to another.
const WORKERS = Math.ceil(availableParallelism() / 4);
// More at work at once only queue up before Keycloak: with 48, two processors took 1 s for a mean token request instead of 0.2 s, and a machine in
// trouble then broke the time limits of trials. With 18 they were done no sooner than with 12.
const AT_WORK = 6 * availableParallelism();
const TRIAL_LIMIT_MS = 300_000;

export interface Subject {
  readonly implementation: Implementation;
  readonly runtime: Runtime;
  /** Which cases of the requirements are played, and where. Default: all, at all servers that run. */
  readonly plays?: ((known: IdentifiedCase, server: ServerName) => boolean) | undefined;
  readonly coverage?: string | undefined;
}

export interface RunOptions {
  /** Whom a subject can hand something over to. Default: the subjects. */
  readonly partners?: readonly Partner[];
  /** Default: none, and cases that need one are not played. */
  readonly browser?: BrowserSettings | undefined;
  /** How many threads play. Default: one for each four processors. */
  readonly workers?: number;
  /** Is told how many of the trials are done. */
  readonly progress?: (done: number, all: number) => void;
}

export interface RunResult {
  readonly trials: TrialResult[];
  readonly handshakes: ReadonlyMap<string, SubjectHandshake>;
}

/**
 * Runs the cases of the requirements on every subject, in Vitest projects. Workers and adapters begin while the servers still start.
 *
 * @returns a result for every planned trial: one that Vitest lost is a `harness-error`.
 * @throws what the promise of the servers' URLs throws; then nothing is played.
 */
export async function runTrials(
  servers: StartingServers,
  subjects: readonly Subject[],
  requirements: readonly Identified[],
  { partners = subjects, browser, workers = WORKERS, progress = () => {} }: RunOptions = {},
): Promise<RunResult> {
  const plans = subjects.map(
    ({ implementation, runtime, plays = () => true, coverage }): SubjectPlan => {
      const others = partners.flatMap(({ implementation: partner, runtime: its }) =>
        partner.adapter && partner.name !== implementation.name
          ? { implementation: partner, runtime: its }
          : [],
      );
      const trials = requirements
        .flatMap(casesOf)
        .filter((known) => applies(known, implementation, others, browser !== undefined))
        .flatMap((known) =>
          serversOf(known.definition)
            .filter((server) => servers.names.includes(server) && plays(known, server))
            .map((server): PlannedTrial => ({ case: known.id, server })),
        );
      return { implementation, runtime, trials, partners: others, coverage };
    },
  );
  const shares = dealt(plans, workers);
  const atWork = Math.ceil(AT_WORK / shares.length);
  const results = new Map<string, TrialResult>();
  const handshakes = new Map<string, SubjectHandshake>();
  const errors: string[] = [];
  const planned = plans.reduce((sum, { trials }) => sum + trials.length, 0);
  const vitestIn = (temporary: string): Promise<Vitest> =>
    createVitest('test', {
      root: ROOT,
      config: false,
      watch: false,
      cache: false,
      maxWorkers: workers,
      projects: shares.map((share) => project({ browser, subjects: share, atWork, temporary })),
      reporters: [
        {
          onTestCaseResult(testCase) {
            const { trial, handshake } = testCase.meta();
            if (trial) {
              results.set(`${trial.implementation} ${trialName(trial)}`, trial);
            } else
              errors.push(
                testCase
                  .result()
                  .errors?.map(({ message }) => message)
                  .join('; ') ?? '',
              );
            if (trial && handshake) handshakes.set(trial.implementation, handshake);
            progress(results.size, planned);
          },
          onTestRunEnd(modules, unhandled) {
            for (const { message } of unhandled) errors.push(message);
            for (const module of modules)
              for (const { message } of module.errors()) errors.push(message);
          },
        },
      ],
    });
  await withTemporaryFolder('run', async (temporary) => {
    const done = announceServers(temporary, servers.urls);
    try {
      await untilEnd(await keepingOwnSignals(() => vitestIn(temporary)));
    } finally {
      done();
    }
  });
  await servers.urls;
  const trials = plans.flatMap(({ trials: all, implementation: { name } }) =>
    all.map((trial) => results.get(`${name} ${trialName(trial)}`) ?? lost(name, trial, errors)),
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

/** By turns, so that neighbours, which take alike long, come to different workers. */
function dealt<Item>(items: readonly Item[], workers: number): Item[][] {
  const shares = Array.from({ length: Math.min(workers, items.length) }, (): Item[] => []);
  for (const [index, item] of items.entries()) shares[index % shares.length]?.push(item);
  return shares;
}

function project(plan: ProjectPlan) {
  return {
    test: {
      name: plan.subjects.map(({ implementation }) => implementation.name).join(' '),
      root: ROOT,
      include: ['engine/trials.vitest.ts'],
      provide: { plan },
      pool: 'threads' as const,
      // A case may wait for a call that has failed before: all do when Ctrl-C ends the clients, and nobody needs to read that.
      execArgv: ['--disable-warning=PromiseRejectionHandledWarning'],
      maxConcurrency: TRIALS_AT_ONCE,
      testTimeout: TRIAL_LIMIT_MS,
      retry: 0,
    },
  };
}

function applies(
  known: IdentifiedCase,
  implementation: Implementation,
  partners: readonly Partner[],
  hasBrowser: boolean,
): boolean {
  if (!isAbout(known, implementation)) return false;
  const { definition } = known;
  if (definition.kind === 'sample') return true;
  const { partner, browser = false } = definition;
  if (browser && !hasBrowser) return false;
  return !partner || partners.some((other) => other.implementation.name === partner);
}

function lost(
  implementation: string,
  { case: id, server }: PlannedTrial,
  errors: readonly string[],
): TrialResult {
  return {
    implementation,
    requirement: id.slice(0, id.lastIndexOf('/')),
    case: id,
    server,
    verdict: 'harness-error',
    reason: { expected: 'a result', seen: `the trial ended without one. ${errors.join('; ')}` },
    duration_ms: 0,
  };
}
