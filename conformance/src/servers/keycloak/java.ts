import { glob, readFile, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { CannotRun } from '../../cannot-run.ts';

export interface Java {
  path: string;
  major: number;
  version: string;
  /** Names the exact build, on which a class archive depends. */
  build: string;
}

/** Keycloak 26's own limit. */
const oldest = 17;

/** The newest Java among JAVA_HOME, PATH and the system's folder. @throws {CannotRun} if none is new enough */
export async function findJava(env: NodeJS.ProcessEnv = process.env): Promise<Java> {
  const found = (await Promise.all((await candidates(env)).map(inspect))).filter(
    (java) => java !== undefined,
  );
  // Sorting is stable: of two that are equally new, the one that the user named first stays first.
  const [newest] = found.toSorted((a, b) => b.major - a.major);
  if (newest !== undefined && newest.major >= oldest) return newest;
  const seen =
    newest === undefined
      ? 'found none in JAVA_HOME, on PATH and in /usr/lib/jvm'
      : `the newest found is ${newest.path}, version ${newest.version}`;
  throw new CannotRun(
    `Keycloak needs Java ${oldest} or newer; ${seen}. ` +
      'Install it (Debian: apt-get install default-jre-headless, or run the same again with --install; macOS: brew install openjdk) or set JAVA_HOME.',
  );
}

async function candidates(env: NodeJS.ProcessEnv): Promise<string[]> {
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  if (env['JAVA_HOME']) folders.unshift(join(env['JAVA_HOME'], 'bin'));
  const named = folders.map((folder) => join(folder, 'java'));
  for await (const java of glob('/usr/lib/jvm/*/bin/java')) named.push(java);
  const real = await Promise.all(named.map((java) => realpath(java).catch(() => undefined)));
  return [...new Set(real.filter((java) => java !== undefined))];
}

/** Asks the file beside it first (1 ms), then Java itself (50 ms and more). */
async function inspect(path: string): Promise<Java | undefined> {
  const release = join(dirname(dirname(path)), 'release');
  const text = await readFile(release, 'utf8').catch(() => '');
  const [version, build] = ['JAVA_VERSION', 'JAVA_RUNTIME_VERSION'].map(
    (name) => new RegExp(`^${name}="(.*)"`, 'm').exec(text)?.[1],
  );
  const known = version ?? (await ask(path));
  if (known === undefined) return undefined;
  // Before 9 it was 1.8.
  const major = Number(/^(?:1\.)?(\d+)/.exec(known)?.[1]);
  if (Number.isNaN(major)) return undefined;
  const { mtimeMs } = await stat(path);
  return { path, major, version: known, build: `${build ?? known} ${mtimeMs}` };
}

async function ask(path: string): Promise<string | undefined> {
  const { all, failed } = await execa(path, ['-version'], {
    all: true,
    reject: false,
    timeout: 10_000,
  });
  return failed ? undefined : /version "([^"]+)"/.exec(all)?.[1];
}
