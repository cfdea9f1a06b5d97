import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Needs } from '../implementations/find.ts';
import { readDescription, type RPackage } from './description.ts';
import { fact } from './facts.ts';
import { changed, findProgram, type Program } from './find-program.ts';
import { type Missing, refuse } from './missing.ts';
import { run } from './run.ts';
import type { RuntimeKind } from './runtime.ts';
import { isAtLeast } from './version.ts';

/** 4.1 brought `|>` and `\(x)`. */
const R = '4.1';

/** Its version and where it looks for packages. */
const INSTALLATION = `
cat(paste(R.version$major, R.version$minor, sep = "."), .libPaths(), sep = "\\n")`;

/** Loads each package, because one that was built for another R is found but does not load. */
const VERSIONS = `
cat(.libPaths(), sep = .Platform$path.sep)
cat("\\n")
for (name in commandArgs(TRUE))
  if (suppressWarnings(requireNamespace(name, quietly = TRUE)))
    cat(name, as.character(getNamespaceVersion(name)), "\\n")`;

interface Installation {
  readonly rscript: Program;
  readonly version: string;
  readonly libraries: readonly string[];
}

/** R with the packages of a DESCRIPTION. */
export const r: RuntimeKind = {
  find: findR,
  async prepare(needs) {
    const { rscript, version, searched } = await findR(needs);
    const env = {
      // A sample runs with another HOME, under which R would not find a user's own library.
      R_LIBS: searched,
      // Packages are compiled already. R's compiler would work on what is called a few times: two fifths of an adapter's processor time.
      R_ENABLE_JIT: '0',
    };
    return { path: [dirname(rscript.path)], env, version: `R ${version}` };
  },
};

async function findR(needs: Needs): Promise<Installation & { readonly searched: string }> {
  const source = needs.packages === undefined ? '' : await readFile(needs.packages, 'utf8');
  const { r: minimum = R, imports } = readDescription(source);
  const found = await findInstallation();
  if (found === undefined || !isAtLeast(found.version, minimum)) {
    const packages = found === undefined ? imports.map(missingPackage) : [];
    return refuse(rItself(minimum), ...packages);
  }
  // Whatever is installed or removed changes the time of its library's folder.
  const times = await Promise.all(found.libraries.map(changed));
  const key = [found.rscript.identity, source, ...found.libraries, ...times];
  const searched = await fact('r-packages', z.string(), key, () =>
    askForPackages(found.rscript, imports),
  );
  return { ...found, searched };
}

async function findInstallation(): Promise<Installation | undefined> {
  const rscript = await findProgram('Rscript');
  if (rscript === undefined) return undefined;
  const choice = ['R_HOME', 'R_LIBS', 'R_LIBS_USER', 'R_LIBS_SITE', 'HOME'];
  const key = [rscript.identity, ...choice.map((name) => process.env[name] ?? '')];
  const [version = '', ...libraries] = await fact('r', z.array(z.string()), key, () =>
    askR(rscript, INSTALLATION),
  );
  return { rscript, version, libraries };
}

/** The libraries in which all that is wanted was found, as R_LIBS takes them. */
async function askForPackages(rscript: Program, wanted: readonly RPackage[]): Promise<string> {
  const names = wanted.map(({ name }) => name);
  const [searched = '', ...lines] = await askR(rscript, VERSIONS, names);
  const missing = wanted.filter(({ name, minimum }) => {
    const version = lines.map((line) => line.split(' ')).find(([found]) => found === name)?.[1];
    return version === undefined || !isAtLeast(version, minimum);
  });
  return missing.length > 0 ? refuse(...missing.map(missingPackage)) : searched;
}

async function askR(
  rscript: Program,
  code: string,
  args: readonly string[] = [],
): Promise<string[]> {
  const base = ['--vanilla', '--default-packages=base', '-e', code];
  return (await run([rscript.path, ...base, ...args], 'Asking R')).split('\n');
}

function rItself(minimum: string): Missing {
  return {
    what: `R ${minimum} or newer (Rscript)`,
    packages: { 'apt-get': ['r-base-core'], dnf: ['R-core'], brew: ['r'] },
    otherwise: `R ${minimum} or newer, with "Rscript" on PATH`,
  };
}

function missingPackage({ name, minimum }: RPackage): Missing {
  return {
    what: `R package ${name}${minimum === '0' ? '' : ` ${minimum} or newer`}`,
    packages: { 'apt-get': [`r-cran-${name.toLowerCase()}`], dnf: [`R-${name}`] },
    otherwise: `Rscript -e 'install.packages("${name}")'`,
  };
}
