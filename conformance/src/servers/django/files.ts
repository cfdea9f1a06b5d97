import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageFile } from '../keycloak/files.ts';

/** The Django project of both servers. */
export const project = packageFile('servers/django');
export const requirements = join(project, 'requirements.txt');
export const ownClientsFile = join(project, 'clients.json');

/** All that a database of the project is made from, as parts of a key: name and content by turns. */
export async function sources(): Promise<string[]> {
  const names = await Array.fromAsync(glob('**/*.{py,json,html}', { cwd: project }));
  const pairs = names
    .toSorted()
    .map(async (name) => [name, await readFile(join(project, name), 'utf8')]);
  return (await Promise.all(pairs)).flat();
}
