// `pnpm test`: everything. Checks that do not depend on each other run side by side and are cached by content (turbo); then a full conformance run of
// every language; then the mutants, which show that the harness fails on clients that are wrong. The last line counts.
import { readFile, rm } from 'node:fs/promises';
import { execa } from 'execa';
import { z } from 'zod';

interface Count {
  readonly passed: number;
  readonly failed: number;
}

interface Step {
  readonly name: string;
  readonly run: () => Promise<Count>;
}

const ROOT = new URL('..', import.meta.url);
const REPORT = 'reports/conformance.json';
const UNITS = ['packages/core/reports/unit.json', 'conformance/reports/unit.json'];
const CHECKS = [
  'format:check',
  'lint',
  'types',
  'lint:languages',
  'vectors',
  'documents',
  'unit',
  'package',
];
// It starts all servers, which the checks beside it would slow down.
const PAGES = ['atlas:check'];

const units = z.object({ numPassedTests: z.int(), numFailedTests: z.int() });
const report = z.object({ totals: z.record(z.string(), z.int()) });

async function show(
  command: string,
  args: readonly string[],
): Promise<{ exitCode: number; text: string }> {
  const result = await execa(command, args, {
    cwd: ROOT,
    preferLocal: true,
    env: { TURBO_TELEMETRY_DISABLED: '1' },
    stdin: 'ignore',
    stdout: ['inherit', 'pipe'],
    stderr: 'inherit',
    reject: false,
  });
  return { exitCode: result.exitCode ?? 2, text: result.stdout };
}

async function json<Value>(file: string, schema: z.ZodType<Value>): Promise<Value> {
  return schema.parse(JSON.parse(await readFile(new URL(file, ROOT), 'utf8')));
}

/** Runs tasks that do not depend on each other; those that nothing has changed for are not run again. */
async function tasks(names: readonly string[]): Promise<Count> {
  const { exitCode, text } = await show('turbo', [
    'run',
    ...names,
    '--continue=always',
    '--output-logs=errors-only',
  ]);
  const [, successful, total] = /Tasks:\s+(\d+) successful, (\d+) total/.exec(text) ?? [];
  const passed = Number(successful ?? 0);
  const failed = Number(total ?? 1) - passed;
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed) };
}

async function checks(): Promise<Count> {
  const done = await tasks(CHECKS);
  const counted = await Promise.all(UNITS.map((file) => json(file, units)));
  // The unit tasks stand for their tests, which are counted one by one.
  return sum([
    { passed: done.passed - UNITS.length, failed: done.failed },
    ...counted.map(({ numPassedTests, numFailedTests }) => ({
      passed: numPassedTests,
      failed: numFailedTests,
    })),
  ]);
}

async function conformance(): Promise<Count> {
  await rm(new URL(REPORT, ROOT), { force: true });
  const { exitCode } = await show('node', [
    'conformance/src/main.ts',
    '--server',
    'all',
    '--report',
    `json=${REPORT}`,
  ]);
  if (exitCode === 2) return { passed: 0, failed: 1 };
  const { totals } = await json(REPORT, report);
  // What is only a warning for others is a failure of ours.
  const passed = (totals['pass'] ?? 0) + (totals['expected-fail'] ?? 0);
  const all = Object.values(totals).reduce((a, b) => a + b, 0) - (totals['not-implemented'] ?? 0);
  const failed = all - passed;
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed) };
}

async function mutants(): Promise<Count> {
  const { exitCode, text } = await show('node', ['conformance/src/mutants/main.ts']);
  const [, passed, failed] = /^mutants: (\d+) passed, (\d+) failed$/m.exec(text) ?? [];
  return {
    passed: Number(passed ?? 0),
    failed: exitCode === 0 ? Number(failed ?? 1) : Math.max(1, Number(failed ?? 1)),
  };
}

function sum(counts: readonly Count[]): Count {
  return counts.reduce((a, b) => ({ passed: a.passed + b.passed, failed: a.failed + b.failed }), {
    passed: 0,
    failed: 0,
  });
}

const steps: readonly Step[] = [
  { name: 'format, lint, types, documents, unit tests', run: checks },
  { name: 'what the servers answer', run: () => tasks(PAGES) },
  { name: 'conformance of every language', run: conformance },
  { name: 'mutants', run: mutants },
];

const startedAt = performance.now();
const results: { name: string; count: Count; seconds: number }[] = [];
for (const { name, run } of steps) {
  const from = performance.now();
  const count = await run();
  results.push({ name, count, seconds: (performance.now() - from) / 1000 });
}
const total = sum(results.map(({ count }) => count));
console.log('');
for (const { name, count, seconds } of results) {
  console.log(
    `${name}: ${count.passed} of ${count.passed + count.failed} in ${seconds.toFixed(1)} s`,
  );
}
console.log(`all in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed === 0 ? 0 : 1;
