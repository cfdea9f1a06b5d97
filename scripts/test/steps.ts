import { readFile, rm } from 'node:fs/promises';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import { z } from 'zod';
import { failureBlock, failures } from '../../conformance/src/report/failure.ts';
import { report } from '../../conformance/src/report/model.ts';
import { type Outcome, outcome, sum } from './outcome.ts';

const ROOT = new URL('../..', import.meta.url);
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

const units = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  testResults: z.array(
    z.object({
      assertionResults: z.array(
        z.object({
          status: z.string(),
          fullName: z.string(),
          failureMessages: z.array(z.string()),
        }),
      ),
    }),
  ),
});

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

async function show(command: string, args: readonly string[]): Promise<Ended> {
  const { exitCode, stdout, stderr } = await execa(command, args, {
    cwd: ROOT,
    preferLocal: true,
    env: { TURBO_TELEMETRY_DISABLED: '1' },
    stdin: 'ignore',
    stdout: ['inherit', 'pipe'],
    stderr: ['inherit', 'pipe'],
    reject: false,
  });
  return {
    exitCode: exitCode ?? 2,
    stdout: stripVTControlCharacters(stdout),
    stderr: stripVTControlCharacters(stderr),
  };
}

async function json<Value>(file: string, schema: z.ZodType<Value>): Promise<Value> {
  return schema.parse(JSON.parse(await readFile(new URL(file, ROOT), 'utf8')));
}

/** Runs tasks that do not depend on each other; those that nothing has changed for are not run again. */
export async function tasks(names: readonly string[]): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await show('turbo', [
    'run',
    ...names,
    '--continue=always',
    '--output-logs=errors-only',
  ]);
  const [, successful, total] = /Tasks:\s+(\d+) successful, (\d+) total/.exec(stdout) ?? [];
  const [, failed] = /^\s*Failed:\s+(.+)$/m.exec(stdout) ?? [];
  const passed = Number(successful ?? 0);
  return outcome(
    exitCode,
    passed,
    Number(total ?? 1) - passed,
    exitCode === 0 ? [] : [failed === undefined ? stderr : `tasks: ${failed}`],
  );
}

/** Everything that is quick, side by side. */
export async function checks(): Promise<Outcome> {
  const done = await tasks(CHECKS);
  const counted = await Promise.all(UNITS.map((file) => json(file, units)));
  // The unit tasks stand for their tests, which are counted one by one.
  return sum([
    { ...done, passed: done.passed - UNITS.length },
    ...counted.map(({ numPassedTests: passed, numFailedTests: failed, testResults }) => ({
      passed,
      failed,
      told: testResults
        .flatMap(({ assertionResults }) => assertionResults)
        .filter(({ status }) => status === 'failed')
        .map(({ fullName, failureMessages: [why = ''] }) => `${fullName}\n${why}`),
    })),
  ]);
}

/** Every language at all three servers. */
export async function conformance(): Promise<Outcome> {
  await rm(new URL(REPORT, ROOT), { force: true });
  const { exitCode, stderr } = await show('node', [
    'conformance/src/main.ts',
    '--server',
    'all',
    '--report',
    `json=${REPORT}`,
  ]);
  if (exitCode === 2) return outcome(exitCode, 0, 1, [stderr]);
  const ran = await json(REPORT, report);
  // What is only a warning for others is a failure of ours.
  const passed = (ran.totals['pass'] ?? 0) + (ran.totals['expected-fail'] ?? 0);
  const all =
    Object.values(ran.totals).reduce((a, b) => a + b, 0) - (ran.totals['not-implemented'] ?? 0);
  const told = failures(ran).map(({ trial, alike }) =>
    failureBlock(
      trial,
      ran,
      { adapter: undefined, browser: false, servers: { names: [], keycloak: undefined } },
      alike,
    ),
  );
  return outcome(exitCode, passed, all - passed, told);
}

/** The harness on clients that are wrong. */
export async function mutants(): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await show('node', ['conformance/src/mutants/main.ts']);
  const [, passed, failed] = /^mutants: (\d+) passed, (\d+) failed$/m.exec(stdout) ?? [];
  const [, complaints = stderr] = /^\d+ complaints:\n([\s\S]*)/m.exec(stderr) ?? [];
  const told = exitCode === 0 ? [] : complaints.trim().split('\n');
  return outcome(exitCode, Number(passed ?? 0), Number(failed ?? 1), told);
}
