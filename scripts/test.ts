// `pnpm test`: everything. Checks that do not depend on each other run side by side and are cached by content (turbo); then a full conformance run of
// every language; then the mutants, which show that the harness fails on clients that are wrong. What failed is told once more at the end, where
// somebody who has only the last page of a log finds it. The last line counts.
import { inspect } from 'node:util';
import { type Outcome, sum } from './test/outcome.ts';
import { checks, conformance, mutants, tasks } from './test/steps.ts';

interface Step {
  readonly name: string;
  readonly run: () => Promise<Outcome>;
}

/** A broken run can have thousands. */
const MOST_TOLD = 20;

const steps: readonly Step[] = [
  { name: 'format, lint, types, documents, unit tests', run: checks },
  // It starts all servers, which the checks beside it would slow down.
  { name: 'what the servers answer', run: () => tasks(['atlas:check']) },
  { name: 'conformance of every language', run: conformance },
  { name: 'mutants', run: mutants },
];

/** A step without a result, such as a report that was not written. */
const lost = (error: unknown): Outcome => ({ passed: 0, failed: 1, told: [inspect(error)] });

const startedAt = performance.now();
const results: { name: string; ended: Outcome; seconds: number }[] = [];
for (const { name, run } of steps) {
  const from = performance.now();
  const ended = await run().catch(lost);
  results.push({ name, ended, seconds: (performance.now() - from) / 1000 });
}
const total = sum(results.map(({ ended }) => ended));
for (const { name, ended } of results) {
  if (ended.failed === 0) continue;
  console.log(`\nwhat failed in ${name}:\n${ended.told.slice(0, MOST_TOLD).join('\n')}`);
  const more = ended.told.length - MOST_TOLD;
  if (more > 0) console.log(`and ${more} more`);
}
console.log('');
for (const { name, ended, seconds } of results) {
  console.log(
    `${name}: ${ended.passed} of ${ended.passed + ended.failed} in ${seconds.toFixed(1)} s`,
  );
}
console.log(`all in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
