import { CannotRun } from '../cannot-run.ts';
import { findProgram } from './find-program.ts';

const MANAGERS = ['apt-get', 'dnf', 'brew'] as const;
export type Manager = (typeof MANAGERS)[number];

/** One thing that must be installed, and the packages that bring it. */
export interface Missing {
  /** `Python 3.10 or newer (python3)` */
  readonly what: string;
  readonly packages: Readonly<Partial<Record<Manager, readonly string[]>>>;
  /** For systems whose package manager is not known or has no package. */
  readonly otherwise: string;
}

/** Something that a run-time needs is not on this machine. */
export class MissingSoftware extends CannotRun {
  readonly missing: readonly Missing[];

  constructor(missing: readonly Missing[], manager: Manager | undefined) {
    const what = [...new Set(missing.map((one) => one.what))].join(', ');
    super([`Missing: ${what}`, ...cures(missing, manager)].join('\n'));
    this.missing = missing;
  }
}

/** Throws `MissingSoftware` with the cure that fits this machine. */
export async function refuse(...missing: readonly Missing[]): Promise<never> {
  throw new MissingSoftware(missing, await packageManager());
}

/** Waits for all and names everything that is missing at once, not only the first. */
export async function together<Tasks extends readonly Promise<unknown>[] | []>(
  tasks: Tasks,
): Promise<{ -readonly [Index in keyof Tasks]: Awaited<Tasks[Index]> }> {
  await Promise.allSettled(tasks);
  const missing = (await Promise.all(tasks.map(missingOf))).flat();
  if (missing.length > 0) await refuse(...missing);
  return Promise.all(tasks);
}

/** What a search misses, as a value; its other errors stay errors. */
export async function missingOf(search: Promise<unknown>): Promise<readonly Missing[]> {
  try {
    await search;
    return [];
  } catch (error) {
    if (error instanceof MissingSoftware) return error.missing;
    throw error;
  }
}

/** The package manager of this machine, found by its program. */
export async function packageManager(): Promise<Manager | undefined> {
  for (const manager of MANAGERS) {
    if ((await findProgram(manager)) !== undefined) return manager;
  }
  return undefined;
}

/** The packages that one manager has for all that is missing. */
export function packagesFor(missing: readonly Missing[], manager: Manager): string[] {
  return [...new Set(missing.flatMap((one) => one.packages[manager] ?? []))].toSorted();
}

/** The words that install packages, without `sudo`. */
export function installCommand(manager: Manager, packages: readonly string[]): string[] {
  const words = {
    'apt-get': ['apt-get', 'install', '--yes', '--no-install-recommends'],
    dnf: ['dnf', 'install', '--assumeyes'],
    brew: ['brew', 'install'],
  }[manager];
  return [...words, ...packages];
}

function cures(missing: readonly Missing[], manager: Manager | undefined): string[] {
  const packaged = missing.filter((one) => manager !== undefined && one.packages[manager]);
  const others = missing.filter((one) => !packaged.includes(one)).map((one) => one.otherwise);
  const lines = [...new Set(others)].map((other) => `Install: ${other}`);
  if (manager === undefined || packaged.length === 0) return lines;
  const root = manager === 'brew' || process.getuid?.() === 0 ? '' : 'sudo ';
  const command = installCommand(manager, packagesFor(packaged, manager)).join(' ');
  lines.push(`Install: ${root}${command}`);
  if (manager === 'apt-get') lines.push('or run the same again with --install');
  return lines;
}
