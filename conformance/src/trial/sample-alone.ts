import { copyFile, mkdir, readFile, realpath, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { prepare } from '../cache/prepare.ts';
import type { Sample } from '../implementations/find.ts';

const found = new Map<string, Promise<string>>();

/**
 * A copy of a sample that lies in a folder alone: it must need nothing of the repository. The folder is the same one in each run, because Node finds what
 * it has compiled by the path of the file, and stripping types again costs as much as all else that a sample does.
 *
 * @throws {CannotRun} if the cache folder cannot be written to
 */
export function aloneSample(sample: Sample): Promise<string> {
  const copy = found.get(sample.file) ?? copyAlone(sample);
  found.set(sample.file, copy);
  return copy;
}

async function copyAlone({ file }: Sample): Promise<string> {
  const core = await coreOf(file);
  const folder = await prepare({
    kind: 'samples',
    key: [basename(file), await readFile(file, 'utf8'), core ?? ''],
    progress() {},
    async build(into) {
      await copyFile(file, join(into, basename(file)));
      if (core !== undefined) await linkCore(core, into);
    },
  });
  return join(folder, basename(file));
}

/** A sample on the published core needs `npm install` in a real folder; here the package of the repository takes its place. */
async function coreOf(file: string): Promise<string | undefined> {
  const folder = dirname(file);
  return basename(folder) === 'core' ? realpath(join(folder, '..', '..', 'core')) : undefined;
}

async function linkCore(core: string, folder: string): Promise<void> {
  const scope = join(folder, 'node_modules', '@polyglot-tokens');
  await mkdir(scope, { recursive: true });
  await symlink(core, join(scope, 'core'));
}
