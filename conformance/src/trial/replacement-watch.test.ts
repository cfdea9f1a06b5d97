import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { watchReplacements } from './replacement-watch.ts';

let folder = '';
let file = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'replacement-watch-'));
  file = join(folder, 'tokens.json');
});

afterEach(() => rm(folder, { recursive: true, force: true }));

async function replace(before: () => Promise<void> = async () => {}): Promise<void> {
  await writeFile(`${file}.tmp`, '{}');
  await before();
  await rename(`${file}.tmp`, file);
}

describe.runIf(process.platform === 'linux')('watchReplacements()', () => {
  test('finds nothing in files that are moved into place, beside others that come and go', async () => {
    const found = await watchReplacements(folder, file, async () => {
      for (let version = 0; version < 50; version++) {
        await writeFile(`${file}.lock`, '');
        await replace();
        await rm(`${file}.lock`);
      }
    });
    expect(found).toEqual([]);
  });

  test('sees a file that was gone for an instant only', async () => {
    const found = await watchReplacements(folder, file, async () => {
      await replace();
      await replace(() => rm(file));
    });
    expect(found).toEqual(['removed, or made in its place']);
  });

  test('sees a file that was changed in place', async () => {
    const found = await watchReplacements(folder, file, async () => {
      await replace();
      await appendFile(file, ' ');
    });
    expect(found).toEqual(['changed in place']);
  });
});
