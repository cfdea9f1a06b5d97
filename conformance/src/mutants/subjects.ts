import { fileURLToPath } from 'node:url';
import type { Subject } from '../engine/run.ts';
import { casesOf, type Identified, type IdentifiedCase, waits } from '../requirements/load.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { ServerName } from '../servers/server.ts';
import type { Coverage } from './coverage.ts';
import { edited, type IdentifiedMutant } from './load.ts';

const CORE = fileURLToPath(new URL('../../../packages/core/', import.meta.url));
const MUTATE = new URL('mutate.ts', import.meta.url).href;

/**
 * Something that is tried as if it were an implementation.
 *
 * @param runtime Node, as all implementations in TypeScript have it.
 */
export function subject(
  name: string,
  runtime: Runtime,
  adapter: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Subject {
  return {
    implementation: {
      name,
      language: 'TypeScript',
      folder: CORE,
      adapter,
      samples: {},
      needs: { runtime: 'node' },
    },
    runtime: { ...runtime, env: { ...runtime.env, ...env } },
  };
}

export function needsBrowser({ definition }: IdentifiedCase): boolean {
  return definition.kind !== 'sample' && definition.browser === true;
}

/** A case about the store starts processes of its own, each of which costs as much as ten other cases. */
function isAboutStore({ definition }: IdentifiedCase): boolean {
  const needs: readonly string[] = definition.kind === 'sample' ? [] : (definition.needs ?? []);
  return needs.includes('store');
}

/**
 * A mutant with the cases that it is played on: all of its own rule, and of each other rule one that can tell it from the client that is right.
 *
 * @param coverage without it, all cases.
 */
export async function mutated(
  mutant: IdentifiedMutant,
  runtime: Runtime,
  requirements: readonly Identified[],
  coverage: Coverage | undefined,
): Promise<Subject> {
  const edits = mutant.edits.map((edit) => ({
    url: edited(edit).href,
    find: edit.find,
    replace: edit.replace,
  }));
  // Nothing else shows what the interceptor does.
  const way = mutant.edits.some(({ file }) => file.startsWith('undici/')) ? ['undici'] : [];
  const adapter = [process.execPath, '--import', MUTATE, 'conformance/adapter.ts', ...way];
  const own = requirements.filter(({ id }) => id === mutant.requirement).flatMap(casesOf);
  // Mutants of the store's rules must leave all others alone. What the other mutants do to the store is nobody's question.
  const aboutStore = own.some(isAboutStore);
  const played = new Set(own.map(({ id }) => id));
  const reached = async (known: IdentifiedCase): Promise<boolean> => {
    // A real browser is slow, and a person in front of one sees what is behind all other rules too.
    if (needsBrowser(known)) return false;
    if (isAboutStore(known)) return aboutStore;
    return coverage === undefined || coverage.reaches(known.id, mutant);
  };
  for (const requirement of requirements) {
    if (requirement.id === mutant.requirement) continue;
    const cases = casesOf(requirement).toSorted((a, b) => waits(a) - waits(b));
    const found = await Promise.all(cases.map(reached));
    const telling = cases.filter((_, index) => found[index]);
    for (const { id } of coverage ? telling.slice(0, 1) : telling) played.add(id);
  }
  const atHome = new Set(own.map(({ id }) => id));
  // Elsewhere only its own rule: that the others stay green has been seen at Keycloak.
  const plays = ({ id }: IdentifiedCase, server: ServerName): boolean =>
    server === 'keycloak' ? played.has(id) : atHome.has(id);
  return { ...subject(mutant.id, runtime, adapter, { MUTANT: JSON.stringify(edits) }), plays };
}
