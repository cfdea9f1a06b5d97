import { once } from 'node:events';
import { chmod, copyFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { CannotRun } from '../../cannot-run.ts';
import { leash } from '../../processes/leash.ts';
import { onExit } from '../../processes/on-exit.ts';
import { telling } from '../keycloak/run-tool.ts';
import { ask } from '../ask.ts';
import { readTail } from '../read-tail.ts';
import { makeTemporaryFolder } from '../temporary-folder.ts';
import { environment, python } from './command.ts';
import { project } from './files.ts';
import type { Prepared } from './prepared.ts';

/** Slowest start seen, on two busy cores: 1.5 s. */
const startLimitMs = 60_000;

const Port = z.string().regex(/^\d+$/);
/** One of each server: it is ready when both answer. */
const documents = [
  '/.well-known/openid-configuration',
  '/o/.well-known/oauth-authorization-server',
];

export interface Server {
  /** Base URL without a final slash. */
  readonly url: string;
  /** Milliseconds from the start until both servers answered. */
  readonly readyMs: number;
  /** Resolves when the process is gone; to an error if nobody had stopped it. Never rejects. */
  readonly ended: Promise<CannotRun | undefined>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the project on its own copy of the prepared database, at a port of the system's choice, and waits until both servers answer.
 *
 * @param program takes the database's path, prints its port
 * @throws {CannotRun} if it dies or is not ready in time, with the end of its log
 */
export async function startServer(
  { bin, database }: Prepared,
  program = join(project, 'serve.py'),
): Promise<Server> {
  const started = performance.now();
  const home = await makeHome(database);
  const log = join(home, 'django.log');
  // Its standard input stays open as long as this process lives.
  const django = leash([...python(bin), program, join(home, file)], {
    cwd: home,
    env: environment(),
    stderr: { file: log },
  });

  let stopped = false;
  const stop = async (): Promise<void> => {
    stopped = true;
    // Its database is a copy that is thrown away: nothing is worth waiting for.
    await django.stop(0);
    await rm(home, { recursive: true, force: true });
    forget();
  };
  const forget = onExit(stop);

  const failure = async (what: string): Promise<CannotRun> => {
    const tail = telling(await readTail(log));
    const said = tail === '' ? 'Its log is empty.' : `The end of its log:\n${tail}`;
    return new CannotRun(
      `${what}. ${said}\n` +
        `If the system ended it for want of memory (it needs 60 MB), close something and try again. Otherwise remove ${dirname(database)} and ${dirname(bin)}: they are then prepared anew.`,
    );
  };
  let when = 'while starting';
  const watch = async (): Promise<CannotRun | undefined> => {
    const { exitCode, signal } = await django.process;
    await django.gone;
    if (stopped) return undefined;
    const error = await failure(`Django ended ${when} (${signal ?? `exit code ${exitCode}`})`);
    await stop();
    return error;
  };
  const ended = watch();

  const limit = new AbortController();
  const late = async (): Promise<never> => {
    await pause(startLimitMs, undefined, { signal: limit.signal });
    throw await failure(`Django is not ready after ${startLimitMs / 1000} s`);
  };
  const dead = async (): Promise<never> => {
    throw (await ended) ?? new CannotRun('Django was stopped while starting');
  };
  try {
    const url = await Promise.race([ready(django.process.stdout, failure), dead(), late()]);
    when = 'in the middle of the run';
    return { url, readyMs: performance.now() - started, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    limit.abort();
  }
}

const file = 'database.sqlite3';

function makeHome(database: string): Promise<string> {
  return makeTemporaryFolder('django', async (folder) => {
    const copy = join(folder, file);
    await copyFile(database, copy);
    await chmod(copy, 0o600);
  });
}

/** Waits for the port, then for both servers; they listen before they say where. */
async function ready(
  output: Readable,
  failure: (what: string) => Promise<CannotRun>,
): Promise<string> {
  const [line] = (await once(createInterface({ input: output }), 'line')) as unknown[];
  const port = Port.safeParse(line);
  if (!port.success) throw await failure('Django printed something else than its port');
  const url = `http://127.0.0.1:${port.data}`;
  for (const path of documents) {
    const { status } = await ask(`${url}${path}`);
    if (status !== 200) throw await failure(`Django answered GET ${path} with ${status}`);
  }
  return url;
}
