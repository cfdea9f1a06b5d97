// The one file that Vitest runs, once in each project: a project is an implementation, a test is a trial.
import { delimiter } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { AdapterBroken } from '../adapter/adapter-broken.ts';
import { AdapterProcess } from '../adapter/adapter-process.ts';
import { expectedFailures, settle } from '../report/expected-failures.ts';
import { casesOf, type IdentifiedCase, loadRequirements } from '../requirements/load.ts';
import { Authority } from '../servers/authority.ts';
import { runSampleTrial } from '../trial/sample-trial.ts';
import { runTrial, type TrialOutcome } from '../trial/trial.ts';
import { RED } from '../verdict/verdict.ts';
import type { ProjectHandshake } from './plan.ts';

const plan = inject('plan');
const { implementation, runtime } = plan;
const authority = new Authority(plan.keycloakUrl);
const expected = await expectedFailures(implementation.folder);
const planned = (await loadRequirements())
  .flatMap(casesOf)
  .filter(({ id }) => plan.cases.includes(id));
// First what is quick, while servers and adapters warm up; then what measures seconds, the longest first; and samples fill its pauses.
planned.sort((a, b) => turn(a) - turn(b) || waits(b) - waits(a));

// A client that dies in one trial must not take the others with it; one that always dies is not started for ever.
const MOST_STARTS = 4;
const starts: Promise<AdapterProcess | AdapterBroken>[] = [];

/** The running adapter; a new one where the last one has died. */
async function currentAdapter(): Promise<AdapterProcess | AdapterBroken> {
  const latest = starts.at(-1);
  const current = await latest;
  // Whoever waited here too may have started the next one already.
  if (latest !== starts.at(-1)) return currentAdapter();
  const died = current instanceof AdapterProcess && current.broken !== undefined;
  if (current && (!died || starts.length >= MOST_STARTS)) return current;
  const next = startAdapter();
  starts.push(next);
  return next;
}

async function startAdapter(): Promise<AdapterProcess | AdapterBroken> {
  const env = {
    ...process.env,
    ...runtime.env,
    LC_ALL: 'C',
    PATH: [...runtime.path, process.env['PATH']].join(delimiter),
  };
  try {
    return await AdapterProcess.start({
      command: implementation.adapter ?? [],
      folder: implementation.folder,
      env,
    });
  } catch (error) {
    if (error instanceof AdapterBroken) return error;
    throw error;
  }
}

beforeAll(async () => {
  if (implementation.adapter) await currentAdapter();
}, 60_000);

afterAll(async () => {
  for (const started of await Promise.all(starts))
    if (started instanceof AdapterProcess) await started.end();
  await authority.close();
});

describe.concurrent(implementation.name, () => {
  for (const planCase of planned) {
    test(planCase.id, async ({ task }) => {
      const startedAt = performance.now();
      const outcome = settle(await outcomeOf(planCase), planCase, expected);
      task.meta.trial = {
        implementation: implementation.name,
        requirement: planCase.requirement.id,
        case: planCase.id,
        verdict: outcome.verdict,
        ...((outcome.expected ?? outcome.seen) !== undefined && {
          reason: { expected: outcome.expected, seen: outcome.seen },
        }),
        ...(outcome.trace && {
          trace: { wire: [...outcome.trace.wire], stderr: outcome.trace.stderr },
        }),
        duration_ms: Math.round(performance.now() - startedAt),
      };
      task.meta.handshake = await handshake();
      expect(RED.has(outcome.verdict), outcome.expected).toBe(false);
    });
  }
});

async function outcomeOf({ definition }: IdentifiedCase): Promise<TrialOutcome> {
  if (definition.kind === 'sample')
    return runSampleTrial({ authority, runtime, implementation }, definition);
  const adapter = await currentAdapter();
  if (adapter instanceof AdapterProcess) return runTrial({ authority, adapter }, definition);
  return { verdict: 'fail', expected: 'an adapter that starts', seen: adapter.message };
}

async function handshake(): Promise<ProjectHandshake> {
  const started = await Promise.all(starts);
  const running = started.find((adapter) => adapter instanceof AdapterProcess);
  const broken = started
    .map((adapter) => (adapter instanceof AdapterBroken ? adapter : adapter.broken))
    .find(Boolean);
  const { library, version, runtime: runs, capabilities = [] } = running?.handshake ?? {};
  return {
    library,
    version,
    runtime: runs,
    capabilities,
    ...(broken && { broken: broken.message }),
  };
}

function waits({ definition }: IdentifiedCase): number {
  return definition.kind === 'sample' ? 0 : (definition.waits ?? 0);
}

function turn(planCase: IdentifiedCase): number {
  if (planCase.definition.kind === 'sample') return 2;
  return waits(planCase) > 0 ? 1 : 0;
}
