// The one file that Vitest runs, once in each project: a project is an implementation, a test is a trial.
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
// Those that wait longest first, or the run would end with their pauses.
planned.sort((a, b) => waits(b) - waits(a));

let adapter: AdapterProcess | AdapterBroken | undefined;

beforeAll(async () => {
  if (!implementation.adapter) return;
  const env = {
    ...process.env,
    ...runtime.env,
    LC_ALL: 'C',
    PATH: [...runtime.path, process.env['PATH']].join(':'),
  };
  const command = { command: implementation.adapter, folder: implementation.folder, env };
  try {
    adapter = await AdapterProcess.start(command);
  } catch (error) {
    if (!(error instanceof AdapterBroken)) throw error;
    adapter = error;
  }
}, 60_000);

afterAll(async () => {
  if (adapter instanceof AdapterProcess) await adapter.end();
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
      task.meta.handshake = handshake();
      expect(RED.has(outcome.verdict), outcome.expected).toBe(false);
    });
  }
});

async function outcomeOf({ definition }: IdentifiedCase): Promise<TrialOutcome> {
  if (definition.kind === 'sample')
    return runSampleTrial({ authority, runtime, implementation }, definition);
  if (adapter instanceof AdapterProcess) return runTrial({ authority, adapter }, definition);
  return { verdict: 'fail', expected: 'an adapter that starts', seen: adapter?.message ?? 'none' };
}

function handshake(): ProjectHandshake {
  if (adapter === undefined) return { capabilities: [] };
  if (adapter instanceof AdapterBroken) return { capabilities: [], broken: adapter.message };
  const { library, version, runtime: runs, capabilities } = adapter.handshake;
  const { broken } = adapter;
  return {
    library,
    version,
    runtime: runs,
    capabilities,
    ...(broken && { broken: broken.message }),
  };
}

function waits({ definition }: IdentifiedCase): number {
  return definition.kind === 'sample' ? 1 : (definition.waits ?? 0);
}
