#!/usr/bin/env node
import { CannotRun } from './cannot-run.ts';
import { listing } from './cli/list.ts';
import { parseOptions } from './cli/options.ts';
import { run } from './cli/run.ts';
import { subjects } from './cli/subjects.ts';
import { isEnding } from './processes/on-exit.ts';
import { exitCode, untried, voidReasons } from './report/exit-code.ts';
import { failureBlock, failures } from './report/failure.ts';
import { matrix } from './report/matrix.ts';
import { loadRequirements } from './requirements/load.ts';
import { select } from './requirements/select.ts';

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (typeof options === 'string') {
    process.stdout.write(options);
    return 0;
  }
  const requirements = select(await loadRequirements(), options);
  const implementations = await subjects(options);
  if (options.command === 'list') {
    console.log(listing(requirements, implementations));
    return 0;
  }
  if (options.command === 'playground') {
    const { playground } = await import('./cli/playground.ts');
    return playground(options, (line) => console.error(line));
  }
  const report = await run(options, implementations, requirements, (line) => console.error(line));
  for (const failure of failures(report)) console.log(`\n${failureBlock(failure, report)}`);
  console.log(`\n${matrix(report)}`);
  for (const name of untried(report))
    console.error(`${name}: nothing was tried, which is a failure`);
  for (const reason of voidReasons(report)) console.error(reason);
  const { server, duration_ms: duration } = report;
  console.log(
    `Keycloak ${server.version} (${server.way}) ready after ${(server.ready_ms / 1000).toFixed(1)} s, all done after ${(duration / 1000).toFixed(1)} s`,
  );
  return exitCode(report);
}

try {
  process.exitCode = await main();
} catch (error) {
  // What comes out of a run that a signal is ending is a consequence of that.
  if (!isEnding()) {
    if (!(error instanceof CannotRun)) throw error;
    console.error(`\nCannot run: ${error.message}`);
    // Not exitCode: an engine that never answers keeps a socket open, and with it this process.
    process.exit(2);
  }
}
