import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CannotRun } from '../cannot-run.ts';
import { findImplementations } from './find.ts';

let root: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'implementations-'));
});

afterEach(async () => {
  await rm(root, { recursive: true });
});

const python = {
  name: 'python',
  language: 'Python',
  adapter: ['python', 'conformance/adapter.py'],
  samples: { refresh: 'refresh.py' },
  needs: { runtime: 'python', packages: 'requirements.txt' },
};

async function write(path: string, content: unknown): Promise<void> {
  const file = join(root, path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
}

async function writePython(changes: object = {}): Promise<void> {
  await write('examples/python/implementation.json', { ...python, ...changes });
  await write('examples/python/conformance/adapter.py', '');
  await write('examples/python/refresh.py', '# Run: python refresh.py\n');
  await write('examples/python/requirements.txt', '');
}

test('all of it is read, with absolute paths', async () => {
  await writePython();
  const folder = join(root, 'examples/python');
  expect(await findImplementations(root)).toEqual([
    {
      name: 'python',
      language: 'Python',
      folder,
      adapter: ['python', 'conformance/adapter.py'],
      samples: {
        refresh: {
          name: 'refresh',
          file: join(folder, 'refresh.py'),
          command: ['python', 'refresh.py'],
        },
      },
      needs: { runtime: 'python', packages: join(folder, 'requirements.txt') },
    },
  ]);
});

test('they are found in all places of the repository, and samples outside the folder', async () => {
  const needs = { runtime: 'node' };
  const samples = { refresh: '../examples-ts/core/refresh.ts' };
  await write('packages/core/implementation.json', {
    name: 'core',
    language: 'TS',
    samples,
    needs,
  });
  await write('packages/examples-ts/core/refresh.ts', '// Run: node refresh.ts\n');
  const fetch = { name: 'fetch', language: 'TS', samples: { a: 'a.ts' }, needs };
  await write('packages/examples-ts/fetch/implementation.json', fetch);
  await write('packages/examples-ts/fetch/a.ts', '// Run: node a.ts\n');
  await writePython();
  // Another way to use the same client, for some of the rules.
  await write('packages/core/conformance/http/implementation.json', {
    name: 'core-http',
    language: 'TS',
    adapter: ['node', '../adapter.ts', 'http'],
    requirements: ['api.*'],
    needs,
  });
  await write('packages/core/conformance/adapter.ts', '');

  const found = await findImplementations(root);
  expect(found.map(({ name }) => name)).toEqual(['core', 'core-http', 'fetch', 'python']);
  expect(found[0]?.samples['refresh']?.file).toBe(
    join(root, 'packages/examples-ts/core/refresh.ts'),
  );
  expect(found.map(({ requirements }) => requirements)).toEqual([
    undefined,
    ['api.*'],
    undefined,
    undefined,
  ]);
});

test('a folder that holds one itself is a root', async () => {
  await writePython();
  expect(await findImplementations(join(root, 'examples/python'))).toHaveLength(1);
});

test.each([
  ['text that is not JSON', '{"name": ', 'implementation.json: '],
  ['a member that does not exist', { ...python, sample: {} }, 'Unrecognized key: "sample"'],
  [
    'one in needs',
    { ...python, needs: { runtime: 'sh', package: 'x' } },
    'Unrecognized key: "package"',
  ],
  ['a run-time that does not exist', { ...python, needs: { runtime: 'ruby' } }, 'needs.runtime'],
  [
    'neither adapter nor samples',
    { ...python, adapter: undefined, samples: {} },
    'an adapter or samples',
  ],
  ['a name with a space', { ...python, name: 'my python' }, 'lower-case letters'],
])('an error names %s', async (_, content, message) => {
  await write('examples/python/implementation.json', content);
  await refusedWith(message, 'examples/python/implementation.json');
});

test.each([
  ['adapter', { adapter: ['python', 'conformance/adaptor.py'] }, 'conformance/adaptor.py'],
  ['samples.refresh', { samples: { refresh: 'refrehs.py' } }, 'refrehs.py'],
  ['needs.packages', { needs: { runtime: 'python', packages: 'pom.xml' } }, 'pom.xml'],
])('an error names the missing file of %s', async (member, changes, file) => {
  await writePython(changes);
  await refusedWith(`${member} names ${join(root, 'examples/python', file)}`, 'does not exist');
});

test('only words that can be nothing else are taken for files of an adapter', async () => {
  await writePython({ adapter: ['java', '-cp', 'a.jar:lib/b.jar', '-Dx=a/b.py', 'Main'] });
  expect(await findImplementations(root)).toHaveLength(1);
});

test('two of one name are an error that names both folders', async () => {
  await writePython();
  const copy = { ...python, adapter: ['python'], samples: {}, needs: { runtime: 'python' } };
  await write('examples/snake/implementation.json', copy);
  await refusedWith(join(root, 'examples/python'), join(root, 'examples/snake'));
});

test('none at all is an error: a run without implementations must not pass', async () => {
  await refusedWith('there is no implementation.json');
});

async function refusedWith(...parts: string[]): Promise<void> {
  const error = await findImplementations(root).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CannotRun);
  for (const part of parts) expect(String(error)).toContain(part);
}

test('the adapters of this repository stay small: nobody should take one for a part of a client', async () => {
  const repository = fileURLToPath(new URL('../../..', import.meta.url));
  const scripts = (await findImplementations(repository)).flatMap(({ adapter = [], folder }) =>
    adapter.filter((word) => /\/adapter\.\w+$/.test(word)).map((word) => resolve(folder, word)),
  );
  const adapters = new Set(scripts);
  expect(scripts).toHaveLength(5);
  expect(adapters.size).toBe(4);
  for (const file of adapters)
    expect((await readFile(file, 'utf8')).trimEnd().split('\n').length, file).toBeLessThan(130);
});
