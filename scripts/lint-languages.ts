// `pnpm lint:languages`: the usual formatter and linter of each language, side by side. Groovy has none that is kept up.
import { globSync } from 'node:fs';
import { delimiter } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { CannotRun } from '../conformance/src/cannot-run.ts';
import { prepareRuntimes } from '../conformance/src/runtimes/index.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const TOOLS = `${ROOT}scripts/tools`;
const LINTR = `
lints <- do.call(c, lapply(list.files(".", "[.]R$", recursive = TRUE), lintr::lint))
if (length(lints)) { print(lints); quit(status = 1) }`;

const sh = globSync(['.ci/run', 'examples/**/*.sh', 'conformance/{src,container}/**/*.sh'], {
  cwd: ROOT,
});

/** Folder and words of each check. */
const CHECKS: readonly (readonly [folder: string, ...words: string[]])[] = [
  ['examples/python', 'ruff', 'format', '--check', '--quiet', '.'],
  ['examples/python', 'ruff', 'check', '--quiet', '.'],
  ['examples/python', 'python', '-m', 'mypy', '--strict', '--no-error-summary', '.'],
  ['examples/r', 'air', 'format', '--check', '.'],
  ['examples/r', 'Rscript', '--vanilla', '-e', LINTR],
  ['.', 'shellcheck', ...sh],
  ['.', 'shfmt', '-i', '2', '-ci', '-d', ...sh],
];

async function main(): Promise<number> {
  const runtimes = await prepareRuntimes(
    [
      { needs: { runtime: 'python', packages: `${TOOLS}/requirements.txt` } },
      { needs: { runtime: 'r', packages: `${TOOLS}/DESCRIPTION` } },
    ],
    (line) => console.error(line),
  );
  const path = [...runtimes.flatMap((runtime) => runtime.path), process.env['PATH']].join(
    delimiter,
  );
  const env = {
    ...Object.assign({}, ...runtimes.map((runtime) => runtime.env)),
    PATH: path,
  } as Record<string, string>;
  const results = await Promise.all(
    CHECKS.map(async ([folder, command = '', ...args]) => {
      const result = await execa(command, args, {
        cwd: `${ROOT}${folder}`,
        env,
        all: true,
        reject: false,
        stdin: 'ignore',
      });
      if (result.failed)
        console.error(
          `${folder}: ${command} ${args[0] ?? ''}\n${result.all || result.shortMessage}`,
        );
      return result.failed;
    }),
  );
  const failed = results.filter(Boolean).length;
  console.log(`${CHECKS.length - failed} of ${CHECKS.length} checks of Python, R and sh passed`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof CannotRun)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
