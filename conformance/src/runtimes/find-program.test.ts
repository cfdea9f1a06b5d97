import { chmod, mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProgram } from './find-program.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'path-'));
  await Promise.all(['a', 'b', 'c'].map((name) => mkdir(join(root, name))));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const path = (): string[] => ['a', 'b', 'c'].map((name) => join(root, name));

test('the first executable file counts, as in a shell', async () => {
  await mkdir(join(root, 'a/tool'));
  await writeFile(join(root, 'b/tool'), '');
  await writeFile(join(root, 'c/tool'), '');
  await chmod(join(root, 'c/tool'), 0o755);
  expect((await findProgram('tool', path()))?.path).toBe(join(root, 'c/tool'));
  expect(await findProgram('other', path())).toBeUndefined();
});

test('its identity is that of the file behind a link, and changes with it', async () => {
  const file = join(root, 'c/tool-1.0');
  await writeFile(file, '');
  await chmod(file, 0o755);
  await symlink(file, join(root, 'a/tool'));
  const before = await findProgram('tool', path());
  expect(before).toMatchObject({ path: join(root, 'a/tool'), real: file });
  await utimes(file, 1, 1);
  expect((await findProgram('tool', path()))?.identity).not.toBe(before?.identity);
});
