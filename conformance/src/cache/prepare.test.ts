import { spawn } from 'node:child_process';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CannotRun } from '../cannot-run.ts';
import { thisProcess } from '../processes/identity.ts';
import { cacheFolder } from './folder.ts';
import { prepare } from './prepare.ts';

let cache: string;
let builds: number;
let lines: string[];
beforeEach(async () => {
  cache = await mkdtemp(join(tmpdir(), 'cache-'));
  builds = 0;
  lines = [];
});
afterEach(() => rm(cache, { recursive: true, force: true }));

const thing = (key = 'a', build?: (folder: string) => Promise<void>): Promise<string> =>
  prepare({
    cache,
    kind: 'thing',
    key: [key],
    progress: (line) => lines.push(line),
    build: async (folder) => {
      builds++;
      await mkdir(join(folder, 'deep'));
      await writeFile(join(folder, 'deep', '.file'), 'content');
      await build?.(folder);
    },
  });

const content = (folder: string): Promise<string> =>
  readFile(join(folder, 'deep', '.file'), 'utf8');

test('what is built once is found again', async () => {
  const first = await thing();
  expect(await content(first)).toBe('content');
  expect(await thing()).toBe(first);
  expect(builds).toBe(1);
  expect(await thing('b')).not.toBe(first);
  expect(builds).toBe(2);
});

test('only the user can look into it', async () => {
  await thing();
  expect((await stat(join(cache, 'thing'))).mode & 0o777).toBe(0o700);
});

describe('damage is noticed and cured:', () => {
  const file = (folder: string): string => join(folder, 'deep', '.file');
  test.each([
    ['a missing file', (folder: string) => rm(file(folder)), 'deep/.file is missing'],
    ['a truncated file', (folder: string) => truncate(file(folder), 3), 'has 3 bytes instead of 7'],
    ['a changed file', (folder: string) => writeFile(file(folder), 'CONTENT'), 'was changed'],
    ['no manifest', (folder: string) => rm(join(folder, 'manifest.json')), 'manifest is missing'],
    ['half a manifest', (folder: string) => truncate(join(folder, 'manifest.json'), 9), 'manifest'],
  ])('%s', async (_, harm, said) => {
    const folder = await thing();
    await harm(folder);
    expect(await thing()).toBe(folder);
    expect(await content(folder)).toBe('content');
    expect(builds).toBe(2);
    expect(lines.join()).toContain(said);
    await thing();
    expect(builds).toBe(2);
  });
});

test.each([
  ['is gone', (link: string) => rm(link)],
  ['leads nowhere', (_: string, target: string) => rm(target)],
])('a link that %s is damage', async (_, damage) => {
  const target = join(cache, 'interpreter');
  const withLink = () =>
    thing('a', async (folder) => {
      await writeFile(target, '');
      await symlink(target, join(folder, 'link'));
    });
  await damage(join(await withLink(), 'link'), target);
  await withLink();
  expect(builds).toBe(2);
  await withLink();
  expect(builds).toBe(2);
});

test('new times alone are no damage', async () => {
  const folder = await thing();
  await utimes(join(folder, 'deep', '.file'), 1, 1);
  await thing();
  expect(builds).toBe(1);
});

test('a build that fails leaves nothing and can be repeated', async () => {
  await expect(thing('a', () => Promise.reject(new Error('no luck')))).rejects.toThrow('no luck');
  expect(await readdir(join(cache, 'thing'))).toEqual([]);
  await thing();
  expect(builds).toBe(2);
});

test('two at once share one build; the second says that it waits', async () => {
  const slow = (): Promise<void> => sleep(300);
  const [first, second] = await Promise.all([thing('a', slow), thing('a', slow)]);
  expect(first).toBe(second);
  expect(builds).toBe(1);
  expect(lines.join()).toContain(`waiting for process ${process.pid}`);
});

/** Another harness, which builds for a minute unless it is stopped. */
async function otherBuilder(): Promise<{ kill: (signal: NodeJS.Signals) => Promise<void> }> {
  const source = `
    import { writeFile } from 'node:fs/promises';
    import { setTimeout as sleep } from 'node:timers/promises';
    import { prepare } from ${JSON.stringify(new URL('prepare.ts', import.meta.url).href)};
    await prepare({
      cache: ${JSON.stringify(cache)}, kind: 'thing', key: ['a'], progress: () => {},
      build: async (folder) => { await writeFile(folder + '/half', ''); console.log('building'); await sleep(60_000); },
    });`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', source]);
  const ended = new Promise((resolve) => other.once('exit', resolve));
  await new Promise((resolve) => other.stdout.once('data', resolve));
  return {
    kill: async (signal) => {
      other.kill(signal);
      await ended;
    },
  };
}

test('kill -9 in the middle of a build: the next run builds anew at once', async () => {
  const other = await otherBuilder();
  await other.kill('SIGKILL');
  expect(await readdir(join(cache, 'thing'))).toHaveLength(2); // lock and half a build
  const folder = await thing();
  expect(await content(folder)).toBe('content');
  expect(await readdir(join(cache, 'thing'))).toEqual([folder.slice(-16)]);
});

test('Ctrl-C in the middle of a build leaves nothing', async () => {
  const other = await otherBuilder();
  await other.kill('SIGINT');
  expect(await readdir(join(cache, 'thing'))).toEqual([]);
});

test('a run that waits goes on when the builder is killed', async () => {
  const other = await otherBuilder();
  const waiting = thing();
  await expect.poll(() => lines.join()).toContain('waiting for process');
  expect(builds).toBe(0);
  await other.kill('SIGKILL');
  await waiting;
  expect(builds).toBe(1);
});

describe('a lock that nobody holds is broken:', () => {
  const me = thisProcess();
  test.each([
    ['its owner has died', JSON.stringify({ ...me, pid: 2 ** 22 + 1 })],
    ['its owner’s pid was given to another process', JSON.stringify({ ...me, started: 'before' })],
    ['it is empty', ''],
  ])('%s', async (_, owner) => {
    const folder = await thing();
    await rm(folder, { recursive: true });
    await writeFile(`${folder}.lock`, owner);
    await thing();
    expect(builds).toBe(2);
  });

  test('a silent one of another host', async () => {
    const folder = await thing();
    await rm(folder, { recursive: true });
    await writeFile(`${folder}.lock`, JSON.stringify({ ...me, where: 'elsewhere' }));
    const waiting = thing();
    await expect.poll(() => lines.join()).toContain('waiting for process');
    await utimes(`${folder}.lock`, 1, 1);
    await waiting;
    expect(builds).toBe(2);
  });
});

test('the two newest are kept, and whatever was used within the hour', async () => {
  const folders: string[] = [];
  for (const key of ['a', 'b', 'c']) folders.push(await thing(key));
  expect(await readdir(join(cache, 'thing'))).toHaveLength(3);
  for (const [index, folder] of folders.entries()) await utimes(folder, 1000 + index, 1000 + index);
  await thing('d');
  const left = await readdir(join(cache, 'thing'));
  expect(left).toHaveLength(2);
  expect(folders[2]).toContain(left.find((name) => folders[2]?.endsWith(name)));
});

test('a folder that cannot be made is a trouble with a cure', async () => {
  await writeFile(join(cache, 'thing'), 'a file');
  const trouble = await thing().catch((error: unknown) => error);
  expect(trouble).toBeInstanceOf(CannotRun);
  expect(String(trouble)).toMatch(
    /cannot write to .*a part of its path is a file .*XDG_CACHE_HOME/,
  );
});

test('so is one that cannot be written to', async () => {
  await chmod(cache, 0o500);
  // Nothing is closed to root, so root becomes somebody else for a moment.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await expect(thing()).rejects.toThrow('it is not writable (EACCES)');
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test('XDG_CACHE_HOME is followed if it is absolute', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/some/where' })).toBe('/some/where/polyglot-tokens');
  expect(cacheFolder({ XDG_CACHE_HOME: 'some/where' })).toBe(cacheFolder({}));
});
