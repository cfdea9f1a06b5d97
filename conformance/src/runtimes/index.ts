import type { Implementation, Needs } from '../implementations/find.ts';
import { findChromium } from './chromium.ts';
import { groovy } from './groovy.ts';
import { install } from './install.ts';
import { findJava, findMaven } from './java.ts';
import { missingOf, refuse, together } from './missing.ts';
import { node } from './node.ts';
import { python } from './python.ts';
import { r } from './r.ts';
import type { Progress, Runtime, RuntimeKind } from './runtime.ts';
import { sh } from './sh.ts';

export type { Progress, Runtime } from './runtime.ts';
export { findChromium } from './chromium.ts';

const kinds: Record<Needs['runtime'], RuntimeKind> = { node, python, r, groovy, sh };

/** What can be asked of `installMissing`: an implementation's needs, those of Keycloak (Java, Maven), or a browser. */
export type Installable =
  Needs | { readonly runtime: 'keycloak' } | { readonly runtime: 'chromium' };

/**
 * Makes ready what an implementation needs and says how to reach it. Prepared once, it costs a few
 * milliseconds and starts no process.
 *
 * @throws {CannotRun} naming all that is missing and the command that installs it
 */
export function prepareRuntime(
  { needs }: Pick<Implementation, 'needs'>,
  progress: Progress,
): Promise<Runtime> {
  return kinds[needs.runtime].prepare(needs, progress);
}

/**
 * Makes several ready side by side.
 *
 * @throws {CannotRun} naming what is missing for any of them, not only for the first
 */
export function prepareRuntimes(
  implementations: readonly Pick<Implementation, 'needs'>[],
  progress: Progress,
): Promise<Runtime[]> {
  return together(implementations.map((one) => prepareRuntime(one, progress)));
}

/**
 * Installs the Debian packages that `prepareRuntime` would miss.
 *
 * @throws {CannotRun} saying what to install by hand where that cannot be done from here
 */
export function installMissing(needs: Iterable<Installable>, progress: Progress): Promise<void> {
  const all = [...needs];
  return install(() => missingOf(together(all.map((one) => find(one)))), progress);
}

/**
 * Looks for everything at once.
 *
 * @param prepared what may not be needed any more, because it was used once: it is named only if something else is missing too
 * @throws {CannotRun} naming all that is missing and the command that installs it
 */
export async function requireInstalled(
  needs: readonly Installable[],
  prepared: readonly Installable[],
): Promise<void> {
  const search = (some: readonly Installable[]) => missingOf(together(some.map(find)));
  const missing = await search(needs);
  if (missing.length > 0) await refuse(...missing, ...(await search(prepared)));
}

function find(needs: Installable): Promise<unknown> {
  if (needs.runtime === 'keycloak') return together([findJava(), findMaven()]);
  if (needs.runtime === 'chromium') return findChromium();
  return kinds[needs.runtime].find(needs);
}
