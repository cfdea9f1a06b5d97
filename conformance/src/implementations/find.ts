import { access, glob, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { CannotRun } from '../cannot-run.ts';
import { sampleCommand } from './sample-command.ts';
import { implementationFile, type ImplementationFile } from './schema.ts';

/** One client under test: what to start, and what must be installed for it. */
export interface Implementation {
  readonly name: string;
  readonly language: string;
  /** Absolute; the adapter's words are run here. */
  readonly folder: string;
  readonly adapter?: readonly string[];
  readonly samples: Readonly<Record<string, Sample>>;
  /** Patterns of the rules that it is tried on. Default: all. */
  readonly requirements?: readonly string[];
  readonly needs: Needs;
}

/** The run-time of an implementation and, as an absolute path, the file that lists its packages. */
export interface Needs {
  readonly runtime: ImplementationFile['needs']['runtime'];
  readonly packages?: string;
}

/** One file that shows one grant, and the command that its first comment gives. */
export interface Sample {
  readonly name: string;
  readonly file: string;
  readonly command: readonly string[];
}

const PLACES = [
  'implementation.json',
  '{packages,packages/examples-ts,examples}/*/implementation.json',
  // Another way to use the same client.
  'packages/*/conformance/*/implementation.json',
];

/**
 * All implementations of a repository laid out as this one, or the one in `root` itself. Throws
 * `CannotRun` for a file that does not hold what it should, so that nothing is left out silently.
 */
export async function findImplementations(root: string): Promise<Implementation[]> {
  const files = (await Array.fromAsync(glob(PLACES, { cwd: root }))).toSorted();
  const found = await Promise.all(files.map((file) => readImplementation(resolve(root, file))));
  if (found.length === 0) throw new CannotRun(`${root}: there is no implementation.json`);
  const folders = new Map<string, string>();
  for (const { name, folder } of found) {
    const other = folders.get(name);
    if (other !== undefined)
      throw new CannotRun(`"${name}" is the name of ${other} and of ${folder}`);
    folders.set(name, folder);
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function readImplementation(path: string): Promise<Implementation> {
  const { adapter, samples = {}, requirements, needs, ...named } = await parse(path);
  const folder = dirname(path);
  const packages = needs.packages === undefined ? undefined : join(folder, needs.packages);
  const script = adapter?.find(isScript);
  if (script !== undefined) await mustExist(path, 'adapter', join(folder, script));
  if (packages !== undefined) await mustExist(path, 'needs.packages', packages);
  const read = Object.entries(samples).map(async ([name, relative]) => {
    const file = join(folder, relative);
    await mustExist(path, `samples.${name}`, file);
    const command = sampleCommand(file, await readFile(file, 'utf8'));
    return [name, { name, file, command }] as const;
  });
  return {
    name: named.name,
    language: named.language,
    folder,
    ...(adapter && { adapter }),
    ...(requirements && { requirements }),
    samples: Object.fromEntries(await Promise.all(read)),
    needs: { runtime: needs.runtime, ...(packages !== undefined && { packages }) },
  };
}

async function parse(path: string): Promise<ImplementationFile> {
  const source = await readFile(path, 'utf8');
  let json: unknown;
  try {
    json = JSON.parse(source);
  } catch (error) {
    throw new CannotRun(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = implementationFile.safeParse(json);
  if (!parsed.success) throw new CannotRun(`${path}:\n${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** A word that can only be a file of the implementation, unlike `node`, `-cp` or `a.jar:b.jar`. */
function isScript(word: string): boolean {
  return /^[^-:][^:]*(?:\/|\.(?:[cm]?[jt]s|py|r|groovy|sh)$)/i.test(word);
}

async function mustExist(path: string, member: string, file: string): Promise<void> {
  try {
    await access(file);
  } catch {
    throw new CannotRun(`${path}: ${member} names ${file}, which does not exist`);
  }
}
