// `pnpm atlas`: docs/errors/ and docs/servers.md, written from what three real servers answer. `--check` writes nothing, and says which page is stale.
import { fileURLToPath } from 'node:url';
import { CannotRun } from '../cannot-run.ts';
import { program } from '../program.ts';
import { isEnding } from '../processes/on-exit.ts';
import { stalePages, writePages } from './files.ts';
import { type Finding, NotObserved } from './finding.ts';
import { observe } from './observe.ts';
import { render } from './pages/index.ts';

const DOCS = fileURLToPath(new URL('../../../docs', import.meta.url));
const CHECK = '--check';

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== CHECK);
  if (unknown !== undefined) throw new CannotRun(`${unknown}: the only option is ${CHECK}`);
  const startedAt = performance.now();
  const observed = await observe((line) => console.error(line));
  const complaints = observed.findings.flatMap(complaintsOf);
  for (const complaint of complaints) console.error(complaint);
  const pages = await render(observed);
  const stale = await stalePages(DOCS, pages);
  if (args.includes(CHECK)) {
    for (const { path, difference } of stale)
      console.error(`docs/${path} is not as the servers answer:\n${difference}\n`);
    if (stale.length > 0) console.error("'pnpm atlas' writes these pages anew");
  } else {
    await writePages(DOCS, pages);
    for (const { path } of stale) console.error(`written: docs/${path}`);
  }
  const wrong = args.includes(CHECK) ? stale.length : 0;
  const { findings, properties } = observed;
  const plays = findings.flatMap((finding) => finding.plays).length;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${plays} refusals, ${properties.length} properties in ${seconds} s`);
  console.log(`the error atlas: ${Math.max(0, pages.size - wrong)} of ${pages.size} pages`);
  return wrong === 0 && complaints.length === 0 ? 0 : 1;
}

/** Advice that does not help. */
function complaintsOf({ provocation, server, plays }: Finding): string[] {
  return plays.flatMap(({ client = 'the request', complaint }) =>
    complaint === undefined
      ? []
      : [
          `'${provocation.title}' at ${server}: what the page advises does not work for ${client}: ${complaint}`,
        ],
  );
}

await program(() =>
  main(process.argv.slice(2)).catch((error: unknown) => {
    if (!(error instanceof NotObserved) || isEnding()) throw error;
    console.error(error.message);
    return 1;
  }),
);
