import { setTimeout as sleep } from 'node:timers/promises';
import { fetch } from 'undici';
import { CannotRun } from '../../cannot-run.ts';
import { realmNames } from './realm.ts';

const pollMs = 50;
/** The first answer compiles and loads a lot: 0.5 s on a busy machine. */
const answerLimitMs = 10_000;

export const discoveryPath = (realm: string): string =>
  `/realms/${realm}/.well-known/openid-configuration`;

/**
 * Resolves when the discovery documents of all realms answer with 200.
 *
 * @param deadline by `performance.now()`
 * @throws {CannotRun} if it is over
 */
export async function allReady(url: string, deadline: number): Promise<void> {
  for (const realm of realmNames) {
    let last = await ask(`${url}${discoveryPath(realm)}`);
    while (last !== '200') {
      if (performance.now() > deadline) {
        throw new CannotRun(
          `Keycloak is not ready in time; the last answer of realm ${realm}: ${last}`,
        );
      }
      await sleep(pollMs);
      last = await ask(`${url}${discoveryPath(realm)}`);
    }
  }
}

/** The status, or why there is none. */
async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerLimitMs) });
    await response.body?.cancel();
    return String(response.status);
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return cause instanceof Error ? cause.message : String(cause);
  }
}
