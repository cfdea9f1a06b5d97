// What it costs to have a client at all: the start of a process that imports it, and what npm installs.
import { execFileSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import manifest from '../../packages/core/package.json' with { type: 'json' };
import { median } from '../host.ts';
import { versions } from './peers.ts';
import { type Column, COLUMNS, inTurns, must, NOTHING, type Row, spread } from './table.ts';

const ROUNDS = 15;
const CORE = fileURLToPath(new URL('../../packages/core/', import.meta.url));

/** Our package as npm would get it, built beside the workspace: its own `dist` may be in use. */
async function packed(folder: string): Promise<string> {
  const source = join(folder, 'package');
  await mkdir(source);
  await execa('node', ['scripts/build.ts', join(source, 'dist')], { cwd: CORE });
  for (const file of ['LICENSE', 'README.md']) await cp(join(CORE, file), join(source, file));
  const jose = await readFile(join(CORE, 'node_modules/jose/package.json'), 'utf8');
  const dependencies = { jose: (JSON.parse(jose) as { version: string }).version };
  const { devDependencies: _, scripts: __, publishConfig, ...kept } = manifest;
  const published = { ...kept, dependencies, exports: publishConfig.exports };
  await writeFile(join(source, 'package.json'), JSON.stringify(published));
  const { stdout } = await execa('npm', ['pack', '--json', '--silent', source], { cwd: folder });
  const file = /"filename": "(.+\.tgz)"/.exec(stdout)?.[1] ?? '';
  must(file !== '', 'npm pack leaves no package');
  return join(folder, file);
}

async function install(folder: string, name: string, what: string): Promise<void> {
  await mkdir(folder);
  const wanted = { private: true, dependencies: { [name]: what } };
  await writeFile(join(folder, 'package.json'), JSON.stringify(wanted));
  const quiet = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefer-offline'];
  await execa('npm', ['install', ...quiet], { cwd: folder });
}

interface Installed {
  readonly bytes: number;
  readonly packages: number;
}

async function installed(folder: string): Promise<Installed> {
  const root = join(folder, 'node_modules');
  let bytes = 0;
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  }
  const lock = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optional?: boolean }>;
  };
  return { bytes, packages: Object.keys(lock.packages).filter(Boolean).length };
}

function started(folder: string, program: string): Promise<number> {
  const startedAt = performance.now();
  execFileSync(process.execPath, ['-e', program], { cwd: folder });
  return Promise.resolve(performance.now() - startedAt);
}

/** An import that gives nothing would be a quick one. */
function check(folder: string, name: string): void {
  const program = `import('${name}').then((all) => console.log(Object.keys(all).length))`;
  const output = execFileSync(process.execPath, ['-e', program], { cwd: folder });
  must(Number(String(output)) > 0, `${name} exports nothing`);
}

export async function coldImport(): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), 'polyglot-bench-'));
  try {
    const tarball = await packed(folder);
    const all = await versions();
    const sizes: Partial<Record<Column, Installed>> = {};
    const turns: Partial<Record<Column, () => Promise<number>>> = {
      nothing: () => started(folder, '0'),
    };
    for (const [index, name] of COLUMNS.entries()) {
      if (name === 'nothing') continue;
      const project = join(folder, `project-${index}`);
      await install(project, name, name === manifest.name ? `file:${tarball}` : all[name]);
      check(project, name);
      sizes[name] = await installed(project);
      turns[name] = () => started(project, `import('${name}')`);
    }
    const times = await inTurns<Column, number>(turns, ROUNDS);
    return rows(times, sizes);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function rows(times: Record<Column, number[]>, sizes: Partial<Record<Column, Installed>>): Row[] {
  const bare = median(times.nothing);
  const made = (cell: (name: Column) => Row['cells'][Column]) =>
    Object.fromEntries(COLUMNS.map((name) => [name, cell(name)])) as Row['cells'];
  const importing = made((name) =>
    name === 'nothing'
      ? spread(times.nothing, 0, ' ms')
      : `+${spread(
          times[name].map((ms) => ms - bare),
          0,
          ' ms',
        )}`,
  );
  const size = made((name) => {
    const found = sizes[name];
    return found ? `${found.bytes} bytes, ${found.packages} packages` : NOTHING;
  });
  return [
    { job: 'cold import', cells: importing },
    { job: 'installed', cells: size },
  ];
}
