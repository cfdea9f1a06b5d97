import { chmod, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchFolder } from './folder-watch.ts';

/** Milliseconds in which the watching thread looks once at least, on a busy machine too. */
const SEEN_MS = 200;

let folder = '';
let file = '';

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'folder-watch-')), 'tokens');
  file = join(folder, 'tokens.json');
});

afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

async function replace(content: string): Promise<void> {
  await writeFile(`${file}.tmp`, content, { mode: 0o600 });
  await rename(`${file}.tmp`, file);
  await pause(SEEN_MS);
}

test('files that are replaced whole, in a folder of their own, are nothing to speak of', async () => {
  const seen = await watchFolder(folder, file, async () => {
    await mkdir(folder, { mode: 0o700 });
    for (let version = 0; version < 5; version++) await replace(JSON.stringify({ version }));
  });
  expect(seen).toMatchObject({ loose: [], torn: [], versions: 5 });
});

test('a mode that was loose for a moment is seen, and a file that was written in place or was gone', async () => {
  const seen = await watchFolder(folder, file, async () => {
    await mkdir(folder);
    await chmod(folder, 0o755);
    await replace('{}');
    await chmod(file, 0o644);
    await pause(SEEN_MS);
    // Without the moment in which the file is empty, which the watch may see or not.
    await writeFile(file, '{"half":', { flag: 'r+' });
    await pause(SEEN_MS);
    await rm(file);
    await pause(SEEN_MS);
    await chmod(folder, 0o700);
  });
  expect(seen.loose).toEqual(['the folder 0755', 'tokens.json 0644']);
  expect(seen.torn).toEqual(['8 characters that are no JSON object', 'gone']);
});

test('what goes wrong in the work ends the watch', async () => {
  await expect(watchFolder(folder, file, () => Promise.reject(new Error('lost')))).rejects.toThrow(
    'lost',
  );
});
