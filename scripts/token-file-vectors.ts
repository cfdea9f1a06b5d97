// `pnpm vectors`: the test vectors of docs/token-file.md, played in each language by the command that its test file names.
import { fileURLToPath } from 'node:url';
import { CannotRun } from '../conformance/src/cannot-run.ts';
import { findImplementations } from '../conformance/src/implementations/find.ts';
import { prepareRuntimes } from '../conformance/src/runtimes/index.ts';
import { exitWith, succeeds } from './programs.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  python: ['python', '-m', 'unittest'],
  r: ['Rscript', '--vanilla', 'test_token_file.R'],
  groovy: ['groovy', 'test_token_file.groovy'],
};

async function main(): Promise<number> {
  const all = await findImplementations(ROOT);
  const chosen = all.filter(({ name }) => name in COMMANDS);
  if (chosen.length !== Object.keys(COMMANDS).length)
    throw new CannotRun('an implementation of the vectors is missing');
  const runtimes = await prepareRuntimes(chosen, (line) => console.error(line));
  const results = await Promise.all(
    chosen.map(({ name, folder }, index) =>
      succeeds(COMMANDS[name] ?? [], {
        title: `${name}:`,
        cwd: folder,
        runtimes: runtimes.slice(index, index + 1),
      }),
    ),
  );
  const passed = results.filter(Boolean).length;
  console.log(`the token file's vectors: ${passed} of ${chosen.length} languages`);
  return passed === chosen.length ? 0 : 1;
}

await exitWith(main);
