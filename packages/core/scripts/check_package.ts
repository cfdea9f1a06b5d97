// `pnpm package`: whether the package that npm would get is fit for strangers. It is built and packed, judged by publint and attw, installed into
// an empty project and tried there on every supported Node. Nothing of the project's comes from a network: its dependencies are packed from
// this workspace. Only the versions of Node come from the npm registry, once.
import { cp, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import manifest from '../package.json' with { type: 'json' };
import { coldImport } from './cold_import.ts';

const CORE = fileURLToPath(new URL('..', import.meta.url));
const NODES = [22, 24, 26];

async function run(folder: string, command: string, ...args: string[]): Promise<string> {
  const options = { cwd: folder, all: true, preferLocal: true, localDir: CORE } as const;
  const result = await execa(command, args, { ...options, reject: false });
  if (result.exitCode === 0) return result.all;
  throw new Error(`${command} ${args.join(' ')}: exit code ${result.exitCode}\n${result.all}`);
}

/** Packs what pnpm publishes: with the entries of `publishConfig`. */
async function packed(folder: string): Promise<string> {
  await run(CORE, 'pnpm', 'pack', '--pack-destination', folder);
  const [name] = (await readdir(folder)).filter((file) => file.endsWith('.tgz'));
  if (!name) throw new Error('pnpm pack left no package');
  return join(folder, name);
}

async function judgedByPublint(tarball: string): Promise<void> {
  const { buffer } = new Uint8Array(await readFile(tarball));
  const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
  const complaints = messages.map((message) => formatMessage(message, pkg, { color: false }));
  if (complaints.length > 0) throw new Error(`publint:\n${complaints.join('\n')}`);
}

/** What a project that uses the package installs besides, packed from what is installed here. */
async function packedHere(folder: string): Promise<Record<string, string>> {
  const types = await realpath(join(CORE, '../../node_modules/@types/node'));
  const sources = {
    jose: join(CORE, 'node_modules/jose'),
    undici: join(CORE, 'node_modules/undici'),
    '@types/node': types,
    'undici-types': join(dirname(dirname(types)), 'undici-types'),
  };
  const files = Object.entries(sources).map(async ([name, source]) => {
    const packing = ['pack', await realpath(source), '--ignore-scripts', '--json'];
    const text = await run(folder, 'npm', ...packing, '--pack-destination', folder, '--silent');
    const file = /"filename": "(.+\.tgz)"/.exec(text)?.[1];
    if (!file) throw new Error(`npm pack of ${name} left no package:\n${text}`);
    return [name, `file:${join(folder, file)}`];
  });
  return Object.fromEntries(await Promise.all(files)) as Record<string, string>;
}

async function install(project: string, tarball: string): Promise<void> {
  await cp(join(CORE, 'scripts/consumer'), project, { recursive: true });
  const others = await packedHere(project);
  const { undici, '@types/node': types, ...overrides } = others;
  const dependencies = { [manifest.name]: `file:${tarball}`, undici, '@types/node': types };
  // What only others depend on comes if they say so, and then from here.
  const wanted = { private: true, type: 'module', dependencies, overrides };
  await writeFile(join(project, 'package.json'), JSON.stringify(wanted));
  await run(project, 'npm', 'install', '--offline', '--no-audit', '--no-fund', '--ignore-scripts');
}

async function triedOn(version: number, project: string): Promise<string> {
  const node = ['-y', '--prefer-offline', '-p', `node@${version}`, 'node'];
  const found = (await run(project, 'npx', ...node, '-p', 'process.version')).trim().split('\n');
  const actual = found.at(-1) ?? '';
  if (!actual.startsWith(`v${version}.`))
    throw new Error(`Node ${version} cannot be had: ${actual}`);
  await run(project, 'npx', ...node, 'consumer.ts');
  return actual;
}

const folder = await mkdtemp(join(tmpdir(), 'polyglot-package-'));
const project = await mkdtemp(join(tmpdir(), 'polyglot-consumer-'));
try {
  const tarball = await packed(folder);
  await Promise.all([
    judgedByPublint(tarball),
    run(CORE, 'attw', tarball, '--profile', 'esm-only', '--no-emoji'),
    install(project, tarball),
  ]);
  await run(project, 'tsc', '-p', '.');
  const tried: string[] = [];
  for (const version of NODES) tried.push(await triedOn(version, project));
  const { bare, withPackage } = coldImport(project, manifest.name);
  console.log(`package: types, publint and attw accept it; it runs on Node ${tried.join(', ')}`);
  console.log(
    `cold import: ${(withPackage - bare).toFixed(1)} ms over the ${bare.toFixed(1)} ms of an empty Node`,
  );
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  await Promise.all([folder, project].map((path) => rm(path, { recursive: true, force: true })));
}
