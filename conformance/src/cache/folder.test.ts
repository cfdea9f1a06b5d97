import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { removeInUse } from './folder.ts';

test('a folder into which somebody still writes is removed once that ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'in-use-'));
  let files = 0;
  const write = () => writeFileSync(join(folder, String(files++)), '');
  for (let i = 0; i < 500; i++) write();
  const writing = setInterval(() => {
    if (existsSync(folder)) write();
    else clearInterval(writing);
  }, 1);
  setTimeout(() => clearInterval(writing), 150);
  const removed = removeInUse(folder);
  await expect(removed).resolves.toBeUndefined();
  expect(existsSync(folder)).toBe(false);
});
