import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { z } from 'zod';
import { prepare } from '../cache/prepare.ts';

/**
 * What a program said of itself, asked once for the same key (its identity and whatever else the
 * answer hangs on): starting an interpreter costs more than all other checks together. Only answers
 * are kept, not failures, so what was missing is looked for again.
 */
export async function fact<Fact>(
  name: string,
  schema: z.ZodType<Fact>,
  key: readonly string[],
  ask: () => Promise<Fact>,
): Promise<Fact> {
  const folder = await prepare({
    kind: `fact-${name}`,
    key: [...key],
    build: async (into) => writeFile(join(into, 'fact.json'), JSON.stringify(await ask())),
    // A damaged answer is asked for again in no time: not worth a line.
    progress: () => undefined,
  });
  return schema.parse(JSON.parse(await readFile(join(folder, 'fact.json'), 'utf8')));
}
