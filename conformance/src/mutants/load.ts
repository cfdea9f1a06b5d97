import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Edit, Mutant } from './mutant.ts';

const ROOT = fileURLToPath(new URL('../../mutants/', import.meta.url));
const CORE = new URL('../../../packages/core/', import.meta.url);

/** A mutant with the requirement that it breaks and a name for reports, `refresh.form/a-secret`. */
export interface IdentifiedMutant extends Mutant {
  readonly id: string;
  readonly requirement: string;
}

/** All mutants, in the order of the requirements that they break. */
export async function loadMutants(): Promise<IdentifiedMutant[]> {
  const files: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: ROOT })) files.push(file);
  const loaded = await Promise.all(files.toSorted().map(load));
  return loaded.flat();
}

async function load(file: string): Promise<IdentifiedMutant[]> {
  const module = (await import(pathToFileURL(`${ROOT}${file}`).href)) as {
    default: Record<string, Mutant>;
  };
  const requirement = file.replace(/\.ts$/, '').replaceAll('/', '.');
  return Object.entries(module.default).map(([letter, mutant]) => ({
    ...mutant,
    id: `${requirement}/${letter}`,
    requirement,
  }));
}

/** The file that an edit changes. */
export function edited({ file }: Edit): URL {
  return new URL(file.startsWith('conformance/') ? file : `src/${file}`, CORE);
}

/** Edits whose text does not stand in its file exactly once: such a patch would prove nothing. */
export async function staleEdits({ id, edits }: IdentifiedMutant): Promise<string[]> {
  const checked = await Promise.all(
    edits.map(async (edit) => {
      const count = (await readFile(edited(edit), 'utf8')).split(edit.find).length - 1;
      return count === 1
        ? []
        : [`${id}: its text stands ${count} times in ${edit.file}: ${edit.find}`];
    }),
  );
  return checked.flat();
}
