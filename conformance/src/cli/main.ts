import { checkExpectedFailures } from '../report/expected-failures.ts';
import { printed } from '../report/print.ts';
import { loadRequirements } from '../requirements/load.ts';
import { select } from '../requirements/select.ts';
import { listing } from './list.ts';
import { parseOptions } from './options.ts';
import { run } from './run.ts';
import { concerned, subjects } from './subjects.ts';

/**
 * `pnpm conformance`.
 *
 * @returns the exit code.
 * @throws CannotRun
 */
export async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args);
  if (typeof options === 'string') {
    process.stdout.write(options);
    return 0;
  }
  const all = await loadRequirements();
  const requirements = select(all, {
    ...options,
    servers: options.command === 'list' ? undefined : options.servers.names,
  });
  const implementations = await subjects(options);
  if (options.command === 'list') {
    console.log(listing(requirements, implementations));
    return 0;
  }
  if (options.command === 'playground') {
    const { playground } = await import('./playground.ts');
    return playground(options, implementations, (line) => console.error(line));
  }
  const chosen = concerned(implementations, requirements, options);
  await checkExpectedFailures(chosen, all);
  const end = await run(options, chosen, requirements, (line) => console.error(line));
  return printed(end, options);
}
