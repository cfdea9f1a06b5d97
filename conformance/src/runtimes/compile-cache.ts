import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { cacheFolder, makePrivate } from '../cache/folder.ts';

/** A change of a file adds one, of some 20 KB; Node itself removes none. */
const mostFiles = 4_000;

/**
 * The folder in which Node keeps what it has compiled (NODE_COMPILE_CACHE). Most of what a short TypeScript program costs is stripping its types and compiling: 0.3 s of processor time
 * for the adapter of the core client, 0.1 s where it was compiled before. Node looks whether an entry fits its source.
 *
 * @throws {CannotRun} if the cache folder cannot be written to
 */
export async function prepareCompileCache(): Promise<string> {
  const folder = join(cacheFolder(), 'node-code');
  await makePrivate(folder);
  // One folder for each version of Node.
  const files = await readdir(folder, { recursive: true });
  if (files.length > mostFiles) await rm(folder, { recursive: true, force: true });
  return folder;
}
