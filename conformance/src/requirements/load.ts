import { glob } from 'node:fs/promises';
import { sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ServerName } from '../servers/server.ts';
import type { Case, Requirement } from './requirement.ts';

const ROOT = fileURLToPath(new URL('../../requirements/', import.meta.url));

/** A requirement with its id: the path of its file, with dots. */
export interface Identified extends Requirement {
  readonly id: string;
}

/** One case with where it belongs; `id` is what a person types: `refresh.rotation.keep/a`. */
export interface IdentifiedCase {
  readonly id: string;
  readonly requirement: Identified;
  readonly definition: Case;
}

/** All requirements that the harness ships, in the order of their ids. */
export async function loadRequirements(): Promise<Identified[]> {
  const files: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: ROOT })) files.push(file);
  return Promise.all(files.toSorted().map(load));
}

async function load(file: string): Promise<Identified> {
  const module = (await import(pathToFileURL(`${ROOT}${file}`).href)) as { default: Requirement };
  return { id: file.replace(/\.ts$/, '').replaceAll(sep, '.'), ...module.default };
}

/** Seconds that a case waits in all. */
export function waits({ definition }: IdentifiedCase): number {
  return definition.kind === 'sample' ? 0 : (definition.waits ?? 0);
}

export function serversOf({ servers = ['keycloak'] }: Case): readonly ServerName[] {
  return servers;
}

export function casesOf(requirement: Identified): IdentifiedCase[] {
  return Object.entries(requirement.cases).map(([key, definition]) => ({
    id: `${requirement.id}/${key}`,
    requirement,
    definition,
  }));
}
