import pLimit from 'p-limit';
import type { SampleCase } from '../requirements/requirement.ts';
import { judged, type TrialOutcome } from './trial.ts';
import { SampleStage, type SampleWorld } from './sample-stage.ts';
import { traced } from './trace.ts';

// Programs that start and end, a JVM among them, keep a core busy, and would slow down what is measured in seconds beside them. A worker serves four cores.
const oneOfFew = pLimit(4);

/** Runs one case on a sample. Never throws: whatever happens becomes a verdict. */
export async function runSampleTrial(
  world: SampleWorld,
  definition: SampleCase,
): Promise<TrialOutcome> {
  const sample = world.implementation.samples[definition.sample];
  if (!sample) return { verdict: 'not-implemented', seen: `no sample ${definition.sample}` };
  const stage = await SampleStage.open(world, sample, definition.faults ?? []);
  try {
    await oneOfFew(() => definition.run(stage));
    return { verdict: 'pass' };
  } catch (error) {
    return { ...judged(error), trace: traced(stage.wire, stage.stderr) };
  } finally {
    await stage.close();
  }
}
