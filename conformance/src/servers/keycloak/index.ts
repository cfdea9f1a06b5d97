import { CannotRun } from '../../cannot-run.ts';
import { isEnding } from '../../processes/on-exit.ts';
import type { Load } from './command.ts';
import { startDistribution } from './distribution.ts';
import { findEngine } from './engine.ts';
import { useExisting } from './existing.ts';

/** Which Keycloak: one in a container, one from its distribution, or one that runs already. */
export type KeycloakWay = 'container' | 'distribution' | URL;

export interface Keycloak {
  /** Base URL without a final slash. */
  readonly url: string;
  readonly way: string;
  readonly version: string;
  /** Milliseconds spent on what the cache did not have; 0 when it had everything. */
  readonly preparedMs: number;
  /** Milliseconds from the start until the realms' discovery documents answered. */
  readonly readyMs: number;
  /** Resolves when it is gone; to an error if nobody had stopped it. Never rejects. Missing where that cannot be known. */
  readonly ended?: Promise<CannotRun | undefined>;
  stop(): Promise<void>;
}

/**
 * Starts a Keycloak with the realms of the harness.
 *
 * @param way undefined: a container if an engine answers, else the distribution
 * @param load a Keycloak from its distribution is started so that this much is done soonest
 * @throws {CannotRun} with what was tried, what came back and the cure. End by `process.exit` then: a container engine that
 *   hangs keeps its connection, and with it the process.
 */
export async function startKeycloak(
  way: KeycloakWay | undefined,
  progress: (line: string) => void,
  load: Load = 'run',
): Promise<Keycloak> {
  try {
    return await start(way, progress, load);
  } catch (error) {
    // The failure is the signal's doing; the process exits as soon as everything is cleaned up.
    if (isEnding()) await new Promise(() => undefined);
    throw error;
  }
}

async function start(
  way: KeycloakWay | undefined,
  progress: (line: string) => void,
  load: Load,
): Promise<Keycloak> {
  if (way instanceof URL) return useExisting(way);
  if (way === 'distribution') return startDistribution(progress, load);

  const { engine, trouble } = await findEngine();
  if (engine === undefined) {
    if (way === undefined) return startDistribution(progress, load);
    throw new CannotRun(
      `no container engine answers (${trouble}). Start Docker or Podman, set DOCKER_HOST, or use --server distribution.`,
    );
  }
  const { fetchImage, startContainer } = await import('./container.ts');
  const missing = await fetchImage(engine, progress);
  if (missing === undefined) return startContainer(engine, progress);
  if (way === 'container') {
    throw new CannotRun(
      `${missing}. Check the network, load the image by hand, or use --server distribution.`,
    );
  }
  progress(`${missing}: using the distribution instead`);
  return startDistribution(progress, load);
}
