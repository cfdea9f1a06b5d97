import { AdapterBroken, NoAnswer, RpcError } from '../adapter/adapter-broken.ts';
import type { AdapterProcess } from '../adapter/adapter-process.ts';
import type { Case, Company, ProvokedCase, PlainCase } from '../requirements/requirement.ts';
import type { Authority } from '../servers/server.ts';
import { Judgement, type Verdict } from '../verdict/verdict.ts';
import { compareWitnesses } from './witnesses.ts';
import { Stage, type StageOptions } from './stage.ts';
import type { SpareAdapters } from './further-adapters.ts';
import { type Trace, traced } from './trace.ts';

/** Unprovoked runs by their flow and by how the stage was set. */
export type Twins = Map<ProvokedCase<never>['flow'], Map<string, Promise<Unprovoked>>>;

/** What a trial needs from its surroundings. */
export interface World {
  readonly authority: Authority;
  readonly adapter: AdapterProcess;
  readonly company: Company;
  /** Where further processes of the implementation come from. Default: newly started. */
  readonly spare?: SpareAdapters;
  /** Called at a trial's first pause: another one may begin. */
  readonly rest?: () => void;
  /** The unprovoked runs so far: cases that differ in nothing but the provocation share one. Default: each has its own. */
  readonly twins?: Twins;
}

/** How a trial ended, with all that a person needs to see why. */
export interface TrialOutcome {
  readonly verdict: Verdict;
  readonly expected?: string;
  readonly seen?: string;
  readonly trace?: Trace;
  /** Files that it left, such as screenshots. */
  readonly attachments?: readonly string[];
  /** Whether it says something about the adapter only, and nothing about the rule. */
  readonly isAdapters?: true;
}

type ClientCase = Exclude<Case, { kind: 'sample' }>;

/** Runs one case on one implementation. Never throws: whatever happens becomes a verdict. */
export async function runTrial(world: World, definition: ClientCase): Promise<TrialOutcome> {
  const declared = world.adapter.handshake.capabilities;
  const needs = (definition.needs ?? []).map((capability) => world.authority.need(capability));
  const missing = needs.filter((capability) => !declared.includes(capability));
  if (missing.length > 0)
    return { verdict: 'not-implemented', seen: `not declared: ${missing.join(', ')}` };
  return definition.kind === 'plain' ? runPlain(world, definition) : runProvoked(world, definition);
}

async function runPlain(
  world: World,
  { given, faults = [], run }: PlainCase,
): Promise<TrialOutcome> {
  return onStage(world, { ...given, faults }, (stage) => run(stage, world.company));
}

async function runProvoked(world: World, definition: ProvokedCase<never>): Promise<TrialOutcome> {
  const { given, faults = [], flow, judge } = definition;
  const [control, provoked] = await Promise.all([
    twinOutcome(world, definition),
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

/** A flow that was run unprovoked, to be judged by the twin of every case that has the same flow on the same stage. */
interface Unprovoked {
  readonly stage: Stage;
  readonly end: { readonly seen: never } | { readonly error: unknown };
}

async function twinOutcome(
  world: World,
  { flow, given, twin }: ProvokedCase<never>,
): Promise<TrialOutcome> {
  const alike = world.twins?.get(flow) ?? new Map<string, Promise<Unprovoked>>();
  world.twins?.set(flow, alike);
  const key = JSON.stringify([world.authority.name, given ?? {}]);
  const shared = alike.get(key) ?? runUnprovoked(world, { ...given }, flow);
  alike.set(key, shared);
  const { stage, end } = await shared;
  // An adapter may have died of another trial: the next case tries again.
  if ('error' in end) alike.delete(key);
  return verdictOn(stage, () => {
    if ('error' in end) throw end.error;
    twin(end.seen, stage);
  });
}

async function runUnprovoked(
  { authority, adapter, rest, spare }: World,
  given: StageOptions,
  flow: ProvokedCase<never>['flow'],
): Promise<Unprovoked> {
  const stage = await Stage.open(authority, adapter, { ...given, rest, spare });
  try {
    return { stage, end: { seen: await flow(stage, false) } };
  } catch (error) {
    return { stage, end: { error } };
  } finally {
    await stage.close();
  }
}

async function onStage(
  { authority, adapter, rest, spare }: World,
  options: StageOptions,
  play: (stage: Stage) => Promise<void>,
): Promise<TrialOutcome> {
  const stage = await Stage.open(authority, adapter, { ...options, rest, spare });
  try {
    return await verdictOn(stage, () => play(stage));
  } finally {
    await stage.close();
  }
}

async function verdictOn(stage: Stage, judge: () => void | Promise<void>): Promise<TrialOutcome> {
  try {
    await judge();
    compareWitnesses(stage);
    return { verdict: 'pass' };
  } catch (error) {
    return { ...judged(contradicted(stage) ?? error), trace: traced(stage.wire, stage.stderr) };
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
    return {
      verdict: 'fail',
      expected: 'an adapter that answers',
      seen: error.message,
      isAdapters: true,
    };
  }
  return {
    verdict: 'harness-error',
    seen: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
