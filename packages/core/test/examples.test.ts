import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as core from '../src/index.ts';
import { examplesOf, programOf } from './fixtures/examples.ts';
import { TokenApi } from './fixtures/token_api.ts';

const run = promisify(execFile);
const CORE = fileURLToPath(new URL('..', import.meta.url));
const ROOT = join(CORE, '../..');
const examples = examplesOf(CORE);
/** A login waits for a person. */
const needsPerson = (code: string): boolean => /\.finish\(/.test(code);

let folder = '';
const fileOf = (index: number): string => join(folder, `example_${index}.ts`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'polyglot-examples-'));
  const modules = join(folder, 'node_modules');
  await mkdir(join(modules, '@polyglot-tokens'), { recursive: true });
  await mkdir(join(modules, '@types'));
  await symlink(CORE, join(modules, '@polyglot-tokens/core'));
  await symlink(join(CORE, 'node_modules/undici'), join(modules, 'undici'));
  await symlink(join(ROOT, 'node_modules/@types/node'), join(modules, '@types/node'));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const options = {
    noUnusedLocals: false,
    noUnusedParameters: false,
    rewriteRelativeImportExtensions: false,
  };
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions: options };
  const include = ['example_*.ts'];
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, include }));
  await Promise.all(
    examples.map((example, index) =>
      writeFile(fileOf(index), programOf(example, Object.keys(core))),
    ),
  );
});

afterAll(() => rm(folder, { recursive: true, force: true }));

test('there are examples in the README and in the sources', () => {
  expect(examples.filter(({ source }) => !source).length).toBeGreaterThan(2);
  expect(examples.filter(({ source }) => source).length).toBeGreaterThan(4);
});

test('the types of all examples are right', async () => {
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  const result = await run(tsc, ['-p', '.'], { cwd: folder }).catch((error: unknown) => error);
  const { stdout } = result as { stdout: string };
  const named = stdout.replaceAll(/example_(\d+)\.ts/g, (_, index) => {
    return examples[Number(index)]?.name ?? '';
  });
  expect(named).toBe('');
}, 120_000);

describe('runs:', () => {
  const runnable = examples.flatMap(({ name, code }, index) =>
    needsPerson(code) ? [] : [[name, index] as const],
  );
  test.each(runnable)(
    '%s',
    async (_name, index) => {
      const api = await TokenApi.start();
      const { tokenUrl, apiUrl, clientId, clientSecret } = api.settings;
      const env = {
        PATH: process.env['PATH'],
        HOME: folder,
        OAUTH_TOKEN_URL: tokenUrl,
        OAUTH_CLIENT_ID: clientId,
        OAUTH_CLIENT_SECRET: clientSecret,
        API_URL: `${apiUrl}/`,
      };
      const { stderr } = await run('node', [fileOf(index)], { cwd: folder, env });
      expect(stderr).toBe('');
      const { code } = examples[index] ?? { code: '' };
      // What calls the API in the text must call it here.
      if (/\.fetch\(|request\(/.test(code)) {
        expect(api.calls.map(({ authorization }) => authorization)).toEqual(['Bearer token-1']);
      }
    },
    30_000,
  );
});

test('the README’s table has every error', async () => {
  const readme = await readFile(join(CORE, 'README.md'), 'utf8');
  const inTable = [...readme.matchAll(/^\| `(\w+)` +\| `(\w+)`/gm)]
    .filter(([, word]) => word !== 'class')
    .map(([, word, name]) => `${word} ${name}`);
  const classes = Object.values(core).filter(
    (value): value is typeof core.ConfigError =>
      typeof value === 'function' && value.prototype instanceof core.OAuthError,
  );
  const all = classes.map((Class) => `${new Class('').class} ${Class.name}`);
  expect(inTable.toSorted()).toEqual(all.toSorted());
});
