// `pnpm lint:languages`: the usual formatter and linter of each language, side by side. Groovy has none that is kept up.
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { prepareRuntimes } from '../conformance/src/runtimes/index.ts';
import { exitWith, succeeds } from './programs.ts';

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
  ['conformance/servers/django', 'ruff', 'format', '--check', '--quiet', '.'],
  ['conformance/servers/django', 'ruff', 'check', '--quiet', '.'],
  ['conformance/servers/django', 'python', '-m', 'mypy', '--strict', '--no-error-summary', '.'],
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
  const results = await Promise.all(
    CHECKS.map(([folder, ...words]) => {
      const title = `${folder}: ${words.slice(0, 2).join(' ')}`;
      return succeeds(words, { title, cwd: `${ROOT}${folder}`, runtimes });
    }),
  );
  const passed = results.filter(Boolean).length;
  console.log(`${passed} of ${CHECKS.length} checks of Python, R and sh passed`);
  return passed === CHECKS.length ? 0 : 1;
}

await exitWith(main);
