import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { leash } from './leash.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'leash-'))));
afterEach(() => rm(folder, { recursive: true }));

/** A process of a zombie's kind has ended; only its parent has not asked yet. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => ''));
  } catch {
    return false;
  }
}

async function eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const started = performance.now(); ; await sleep(20)) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (performance.now() - started > 5000) throw new Error('never happened');
  }
}

/** The pids that a script writes into a file, one a line. */
async function pidsIn(file: string, count: number): Promise<number[]> {
  return eventually(async () => {
    const pids = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
    return pids.length === count && pids.map(Number);
  });
}

const childAndGrandchild = (file: string, trap = ''): string[] => [
  'sh',
  '-c',
  `${trap} (${trap} while :; do sleep 0.1; done) & echo $! >>"$1"; echo $$ >>"$1"; while :; do sleep 0.1; done`,
  'sh',
  file,
];

test('streams, working folder, environment, pid and exit code are the command’s own', async () => {
  const { process: child } = leash(
    ['sh', '-c', 'read -r word; echo "$word $FLAG $$"; pwd; echo oops >&2; exit 7'],
    { cwd: folder, env: { PATH: process.env['PATH'], FLAG: 'flag' } },
  );
  child.stdin.end('word\n');
  const [out, err, { exitCode }] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child,
  ]);
  expect(out).toBe(`word flag ${child.pid}\n${folder}\n`);
  expect(err).toBe('oops\n');
  expect(exitCode).toBe(7);
});

test('the command sees the end of its input and does not see the leash', async () => {
  const { process: child } = leash(['sh', '-c', 'cat; true <&3']);
  child.stdin.end('all of it');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(out).toBe('all of it');
  expect(err).toContain('3');
});

test('a command that does not exist ends with 127', async () => {
  const { process: child } = leash(['no-such-command'], { stderr: 'ignore' });
  expect((await child).exitCode).toBe(127);
});

test('stop ends child and grandchild', async () => {
  const file = join(folder, 'pids');
  const leashed = leash(childAndGrandchild(file));
  const pids = await pidsIn(file, 2);
  expect(await Promise.all(pids.map(isRunning))).toEqual([true, true]);
  await leashed.stop();
  expect(await Promise.all(pids.map(isRunning))).toEqual([false, false]);
  expect((await leashed.process).signal).toBe('SIGTERM');
});

test('stop kills what ignores SIGTERM, after the grace', async () => {
  const file = join(folder, 'pids');
  const leashed = leash(childAndGrandchild(file, 'trap "" TERM;'));
  const pids = await pidsIn(file, 2);
  const started = performance.now();
  await leashed.stop(300);
  expect(performance.now() - started).toBeGreaterThan(290);
  await eventually(async () => !(await Promise.all(pids.map(isRunning))).includes(true));
  expect((await leashed.process).signal).toBe('SIGKILL');
});

test('stop does not wait for the grace when the group ends earlier', async () => {
  const leashed = leash(['sleep', '60']);
  const started = performance.now();
  await leashed.stop(20_000);
  await leashed.stop(); // once more does no harm
  expect(performance.now() - started).toBeLessThan(5000);
});

test('a grandchild does not outlive a command that ends by itself', async () => {
  const file = join(folder, 'pids');
  const leashed = leash(['sh', '-c', 'sleep 60 & echo $! >"$1"', 'sh', file], { stdout: 'ignore' });
  await leashed.gone;
  const [grandchild] = await pidsIn(file, 1);
  expect(await isRunning(grandchild ?? 0)).toBe(false);
});

test('child and grandchild end when the harness is killed with SIGKILL', async () => {
  const file = join(folder, 'pids');
  const harness = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { leash } from ${JSON.stringify(new URL('leash.ts', import.meta.url).href)};
     leash(${JSON.stringify(childAndGrandchild(file))});`,
  ]);
  const pids = await pidsIn(file, 2);
  harness.kill('SIGKILL');
  await eventually(async () => !(await Promise.all(pids.map(isRunning))).includes(true));
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const)('%s ends what is on the leash and then the harness with %i', async (signal, code) => {
  const file = join(folder, 'pids');
  const harness = spawn(process.execPath, [
    '--input-type=module',
    '--eval',
    `import { leash } from ${JSON.stringify(new URL('leash.ts', import.meta.url).href)};
     leash(${JSON.stringify(childAndGrandchild(file))});`,
  ]);
  const ended = new Promise((resolve) => harness.once('exit', resolve));
  const pids = await pidsIn(file, 2);
  harness.kill(signal);
  expect(await ended).toBe(code);
  expect(await Promise.all(pids.map(isRunning))).toEqual([false, false]);
});
