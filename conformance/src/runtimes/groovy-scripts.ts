import { glob, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../cache/prepare.ts';
import type { Needs } from '../implementations/find.ts';
import { run } from './run.ts';
import type { Progress } from './runtime.ts';

const COMPILE = fileURLToPath(new URL('groovy-compile.groovy', import.meta.url));

/**
 * Compiles the scripts beside a pom.xml, as an IDE or a build would: from source, the client costs 3 s of processor time in every start.
 *
 * @param groovy the launcher.
 * @returns a folder that has the classes of a script in a folder named by the SHA-256 of its text.
 */
export async function compileScripts(
  { packages = '' }: Needs,
  groovy: string,
  progress: Progress,
): Promise<string> {
  const folder = dirname(packages);
  const scripts: string[] = [];
  for await (const file of glob('{*,conformance/*}.groovy', { cwd: folder }))
    scripts.push(join(folder, file));
  scripts.sort();
  const texts = await Promise.all(scripts.map((file) => readFile(file, 'utf8')));
  return prepare({
    kind: 'groovy-scripts',
    key: [groovy, await readFile(COMPILE, 'utf8'), ...texts],
    progress,
    async build(into) {
      progress('Groovy: compiling the scripts …');
      await run([groovy, COMPILE, into, ...scripts], 'Compiling the Groovy scripts');
    },
  });
}
