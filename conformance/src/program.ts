import { CannotRun } from './cannot-run.ts';
import { isEnding } from './processes/on-exit.ts';

/**
 * Runs a command of the harness to its end, and the process with it: 2 is the exit code of what could not be done.
 *
 * @param main gives the exit code.
 */
export async function program(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    // What comes out of a run that a signal is ending is a consequence of that.
    if (!isEnding()) {
      if (error instanceof CannotRun) console.error(`\nCannot run: ${error.message}`);
      else console.error(error, '\nThis is a defect of the harness: please report it.');
      process.exitCode = 2;
    }
  }
  // An engine that never answers keeps a socket open, and with it this process. Whoever reads slowly gets everything first.
  for (const stream of [process.stdout, process.stderr])
    await new Promise((written) => stream.write('', written));
  setTimeout(() => isEnding() || process.exit(), 2_000).unref();
}
