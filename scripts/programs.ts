// How the scripts beside this file run the programs of other languages.
import { delimiter } from 'node:path';
import { execa } from 'execa';
import { CannotRun } from '../conformance/src/cannot-run.ts';
import type { Runtime } from '../conformance/src/runtimes/index.ts';

/**
 * Runs a command to its end. What it said is shown below `title`, and only if it fails.
 *
 * @param runtimes their programs are found before all others.
 */
export async function succeeds(
  [command = '', ...args]: readonly string[],
  { title, cwd, runtimes }: { title: string; cwd: string; runtimes: readonly Runtime[] },
): Promise<boolean> {
  const env = Object.fromEntries(runtimes.flatMap((runtime) => Object.entries(runtime.env)));
  const path = [...runtimes.flatMap((runtime) => runtime.path), process.env['PATH']];
  const result = await execa(command, args, {
    cwd,
    env: { ...env, PATH: path.join(delimiter) },
    all: true,
    reject: false,
    stdin: 'ignore',
  });
  if (result.failed) console.error(`${title}\n${result.all || result.shortMessage}`);
  return !result.failed;
}

/** Sets the exit code that `main` gives, or 2 where it cannot run. */
export async function exitWith(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof CannotRun)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}
