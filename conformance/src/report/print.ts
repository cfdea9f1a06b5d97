import type { Options } from '../cli/options.ts';
import type { RunEnd } from '../cli/run.ts';
import { exitCode, untried, voidReasons } from './exit-code.ts';
import { failureBlock, failures } from './failure.ts';
import { handOverMatrix } from './hand-over.ts';
import { matrix } from './matrix.ts';
import { summary } from './summary.ts';
import { writeReports } from './write.ts';

/**
 * Prints a run, what went wrong first and the sum last, and writes the reports that are asked for.
 *
 * @returns the exit code.
 * @throws CannotRun when a report cannot be written, or a server has died; everything is printed by then.
 */
export async function printed({ report, death }: RunEnd, options: Options): Promise<number> {
  for (const { trial, alike } of death ? [] : failures(report))
    console.log(`\n${failureBlock(trial, report, options, alike)}`);
  console.log(`\n${matrix(report)}`);
  const pairs = handOverMatrix(report);
  if (pairs) console.log(`\n${pairs}\n`);
  for (const name of untried(report))
    console.error(`${name}: nothing was tried, which is a failure`);
  for (const reason of voidReasons(report)) console.error(reason);
  console.log(summary(report));
  await writeReports(report, options.reports);
  if (death) throw death;
  return exitCode(report);
}
