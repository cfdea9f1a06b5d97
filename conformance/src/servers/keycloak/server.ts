import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { CannotRun } from '../../cannot-run.ts';
import { leash } from '../../processes/leash.ts';
import { onExit } from '../../processes/on-exit.ts';
import { readTail } from '../read-tail.ts';
import { cleanEnvironment, keycloakCommand } from './command.ts';
import type { Java } from './java.ts';
import { makeTemporaryHome } from './home.ts';
import { allReady } from './ready.ts';
import { telling } from './run-tool.ts';

/** Slowest start seen: 12 s without an archive on two busy cores. */
const startLimitMs = 120_000;
/** A stop takes 1.1 s; writing a class archive at the end takes 15 s. */
const stopLimitMs = 10_000;
/** Two ports in a row were once taken, with three runs at once. */
const portTries = 4;

export interface Server {
  url: string;
  readyMs: number;
  /** Resolves when it is gone; to an error if nobody had stopped it. */
  ended: Promise<CannotRun | undefined>;
  /** @param limitMs after which it is killed */
  stop(limitMs?: number): Promise<void>;
}

export interface Prepared {
  java: Java;
  distribution: string;
  realms: string;
}

/**
 * Starts Keycloak on its own copy of the prepared database and a free port, and waits until all realms answer.
 *
 * @throws {CannotRun} if it dies or is not ready in time, with the end of its log
 */
export async function startServer(prepared: Prepared, javaOptions: string[]): Promise<Server> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(prepared, javaOptions);
    } catch (error) {
      // Between our look for a free port and Keycloak's bind, which are seconds, somebody else may take it.
      if (!(error instanceof PortTaken) || tries === portTries) throw error;
    }
  }
}

class PortTaken extends CannotRun {}

async function attempt(prepared: Prepared, javaOptions: string[]): Promise<Server> {
  const { java, distribution, realms } = prepared;
  const started = performance.now();
  const home = await makeTemporaryHome(distribution, realms);
  const log = join(home, 'keycloak.log');
  const port = await freePort();
  const args = ['start', '--optimized', '--http-host=127.0.0.1', `--http-port=${port}`];
  const keycloak = leash(keycloakCommand(java, distribution, home, javaOptions, args), {
    cwd: home,
    env: cleanEnvironment(),
    stdin: 'ignore',
    stdout: { file: log },
    stderr: { file: log },
  });
  let stopped = false;
  const stop = async (limitMs = stopLimitMs): Promise<void> => {
    stopped = true;
    await keycloak.stop(limitMs);
    await rm(home, { recursive: true, force: true });
    forget();
  };
  const forget = onExit(() => stop());

  const exit = keycloak.process.then(({ exitCode, signal }) => signal ?? `exit code ${exitCode}`);
  const logTail = async (): Promise<string> => telling(await readTail(log));
  const url = `http://127.0.0.1:${port}`;
  try {
    await Promise.race([
      allReady(url, started + startLimitMs),
      exit.then((how) => {
        throw new CannotRun(`Keycloak ended while starting (${how})`);
      }),
    ]);
  } catch (error) {
    const tail = await logTail();
    await stop();
    if (!(error instanceof CannotRun)) throw error;
    const said = `${error.message}. The end of its log:\n${tail}\n`;
    if (/already bound|Address already in use/i.test(tail)) {
      throw new PortTaken(
        `${said}Somebody else took ${portTries} ports in a row, the last was ${port}: try again.`,
      );
    }
    throw new CannotRun(
      `${said}If it was short of memory (it needs 0.5 GB) or time, close something; otherwise try --server container or another Java.`,
    );
  }
  const end = async (): Promise<CannotRun | undefined> => {
    const how = await exit;
    if (stopped) return undefined;
    return new CannotRun(
      `Keycloak ended in the middle of the run (${how}). The end of its log:\n${await logTail()}\n` +
        'If the system ended it for want of memory (it needs 0.5 GB), close something and try again.',
    );
  };
  return { url, readyMs: performance.now() - started, ended: end(), stop };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  return address.port;
}
