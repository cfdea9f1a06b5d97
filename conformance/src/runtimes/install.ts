import { CannotRun } from '../cannot-run.ts';
import { findProgram } from './find-program.ts';
import {
  installCommand,
  type Missing,
  MissingSoftware,
  packageManager,
  packagesFor,
} from './missing.ts';
import { runAtTerminal } from './run.ts';
import type { Progress } from './runtime.ts';

/** An unattended upgrade may hold dpkg's lock, above all on a machine that has just started (s). */
const LOCK_WAIT = 120;

/**
 * Installs what `findMissing` finds, in one call of the system's package manager where that is apt-get;
 * elsewhere the error says what to install.
 */
export async function install(
  findMissing: () => Promise<readonly Missing[]>,
  progress: Progress,
): Promise<void> {
  const missing = await findMissing();
  if (missing.length === 0) return;
  const manager = await packageManager();
  if (manager !== 'apt-get') throw new MissingSoftware(missing, manager);

  const packages = packagesFor(missing, manager);
  progress(`installing ${packages.join(' ')} …`);
  await aptInstall(await asRoot(packages), packages);

  const still = await findMissing();
  if (still.length > 0) {
    const what = still.map((one) => one.what).join(', ');
    throw new CannotRun(
      `apt-get installed ${packages.join(' ')}, but still missing: ${what}\n` +
        'This system has only an older version, or another one comes first on PATH.\n' +
        still.map((one) => `Install: ${one.otherwise}`).join('\n'),
    );
  }
}

async function aptInstall(root: readonly string[], packages: readonly string[]): Promise<void> {
  const apt = [...root, 'env', 'DEBIAN_FRONTEND=noninteractive'];
  const wait = ['-o', `DPkg::Lock::Timeout=${LOCK_WAIT}`];
  const command = installCommand('apt-get', packages);
  const words = [...apt, ...command, ...wait];
  const first = await failure(runAtTerminal(words, command.join(' ')));
  if (first === undefined) return;
  // The lists of packages are missing on a new machine and out of date on an old one. An update that
  // fails for one source may still have brought what is needed.
  const update = await failure(
    runAtTerminal([...apt, 'apt-get', 'update', ...wait], 'apt-get update'),
  );
  const second = await failure(runAtTerminal(words, command.join(' ')));
  if (second !== undefined) throw new CannotRun([update, second].filter(Boolean).join('\n'));
}

async function failure(task: Promise<unknown>): Promise<string | undefined> {
  return task.then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/** The words before a command that needs root: none for root itself. */
async function asRoot(packages: readonly string[]): Promise<string[]> {
  if (process.getuid?.() === 0) return [];
  const sudo = await findProgram('sudo');
  if (sudo === undefined) {
    const command = installCommand('apt-get', packages).join(' ');
    throw new CannotRun(`This needs root, and there is no sudo. As root, run:\n${command}`);
  }
  // Without a terminal nobody can type a password: fail instead of waiting for one.
  return process.stdin.isTTY ? [sudo.path] : [sudo.path, '--non-interactive'];
}
