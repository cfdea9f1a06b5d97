import type { CannotRun } from '../../cannot-run.ts';
import { isEnding } from '../../processes/on-exit.ts';
import { djangoHarness, type DjangoName } from './harness.ts';
import { prepareDjango } from './prepared.ts';
import { startServer } from './server.ts';

/** Django OAuth Toolkit below /o/ and django-oidc-provider at /, in one process. */
export interface Django {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly versions: Readonly<Record<DjangoName, string>>;
  /** Milliseconds spent on what the cache did not have; 0 when it had everything. */
  readonly preparedMs: number;
  /** Milliseconds from the start until both servers answered. */
  readonly readyMs: number;
  /** Resolves when the process is gone: to what has to be said if nobody had stopped it. Never rejects. */
  readonly ended: Promise<CannotRun | undefined>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts both servers with the users and clients of the realm korusticket.
 *
 * @throws {CannotRun} with what was tried, what came back and the cure
 */
export async function startDjango(progress: (line: string) => void): Promise<Django> {
  try {
    return await start(progress);
  } catch (error) {
    // The failure is the signal's doing; the process exits as soon as everything is cleaned up.
    if (isEnding()) await new Promise(() => undefined);
    throw error;
  }
}

async function start(progress: (line: string) => void): Promise<Django> {
  const began = performance.now();
  const say = (line: string) => progress(`Django: ${line}`);
  let hit = true;
  const prepared = await prepareDjango((line) => {
    hit = false;
    say(line);
  });
  const preparedMs = hit ? 0 : performance.now() - began;

  say('starting …');
  const { url, readyMs, ended, stop } = await startServer(prepared);
  say(`ready after ${(readyMs / 1000).toFixed(1)} s at ${url}`);
  try {
    const versions = await djangoHarness(url).versions();
    return { url, versions, preparedMs, readyMs, ended, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
