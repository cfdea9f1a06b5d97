import { AdapterBroken, NoAnswer, RpcError } from '../adapter/adapter-broken.ts';
import type { AdapterProcess } from '../adapter/adapter-process.ts';
import type { Case, ProvokedCase, PlainCase } from '../requirements/requirement.ts';
import type { Authority } from '../servers/authority.ts';
import { Judgement, type Verdict } from '../verdict/verdict.ts';
import { compareWitnesses } from './witnesses.ts';
import { Stage } from './stage.ts';
import { type Trace, traced } from './trace.ts';

/** What a trial needs from its surroundings. */
export interface World {
  readonly authority: Authority;
  readonly adapter: AdapterProcess;
}

/** How a trial ended, with all that a person needs to see why. */
export interface TrialOutcome {
  readonly verdict: Verdict;
  readonly expected?: string;
  readonly seen?: string;
  readonly trace?: Trace;
}

type ClientCase = Exclude<Case, { kind: 'sample' }>;

/** Runs one case on one implementation. Never throws: whatever happens becomes a verdict. */
export async function runTrial(world: World, definition: ClientCase): Promise<TrialOutcome> {
  const declared = world.adapter.handshake.capabilities;
  const missing = (definition.needs ?? []).filter((capability) => !declared.includes(capability));
  if (missing.length > 0)
    return { verdict: 'not-implemented', seen: `not declared: ${missing.join(', ')}` };
  return definition.kind === 'plain' ? runPlain(world, definition) : runProvoked(world, definition);
}

async function runPlain(world: World, { given, run }: PlainCase): Promise<TrialOutcome> {
  return onStage(world, { ...given }, run);
}

async function runProvoked(world: World, definition: ProvokedCase<never>): Promise<TrialOutcome> {
  const { given, faults = [], flow, twin, judge } = definition;
  const [control, provoked] = await Promise.all([
    onStage(world, { ...given }, async (stage) => twin(await flow(stage, false), stage)),
    onStage(world, { ...given, faults }, async (stage) => judge(await flow(stage, true), stage)),
  ]);
  if (control.verdict === 'pass') return provoked;
  // Unprovoked the flow must work, or the rule was never tried.
  const verdict = control.verdict === 'fail' ? 'not-reached' : control.verdict;
  return {
    ...control,
    verdict,
    expected: `${control.expected ?? ''} (in the unprovoked flow)`,
  };
}

async function onStage(
  { authority, adapter }: World,
  options: Parameters<typeof Stage.open>[2],
  play: (stage: Stage) => Promise<void>,
): Promise<TrialOutcome> {
  const stage = await Stage.open(authority, adapter, options);
  try {
    await play(stage);
    compareWitnesses(stage);
    return { verdict: 'pass' };
  } catch (error) {
    return { ...judged(contradicted(stage) ?? error), trace: traced(stage.wire, stage.stderr) };
  } finally {
    await stage.close();
  }
}

/** A client that lies about the wire has not merely failed. */
function contradicted(stage: Stage): unknown {
  try {
    compareWitnesses(stage);
    return undefined;
  } catch (error) {
    return error;
  }
}

export function judged(error: unknown): TrialOutcome {
  if (error instanceof Judgement) {
    return { verdict: error.verdict, expected: error.expected, seen: error.seen };
  }
  if (error instanceof AdapterBroken || error instanceof NoAnswer || error instanceof RpcError) {
    return { verdict: 'fail', expected: 'an adapter that answers', seen: error.message };
  }
  return {
    verdict: 'harness-error',
    seen: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
