import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { installMissing, prepareRuntime, prepareRuntimes, type Runtime } from './index.ts';

// Programs of these tests come first on PATH and note each call in a log; nothing else is on it, save
// the two that they need themselves.
let bin: string;

beforeEach(async () => {
  bin = await mkdtemp(join(tmpdir(), 'runtimes-'));
  vi.stubEnv('PATH', bin);
  vi.stubEnv('XDG_CACHE_HOME', join(bin, 'cache'));
  await program('env', 'export "$1"; shift; exec "$@"');
  await program('sudo', '[ "$1" != --non-interactive ] || shift; exec "$@"');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(bin, { recursive: true });
});

async function program(name: string, does: string): Promise<void> {
  const file = join(bin, name);
  await writeFile(file, `#!/bin/sh\necho "${name} $*" >> '${bin}/log'\n${does}\n`);
  await chmod(file, 0o755);
}

async function calls(of: string): Promise<string[]> {
  const log = await readFile(join(bin, 'log'), 'utf8').catch(() => '');
  return log.split('\n').filter((line) => line.startsWith(`${of} `));
}

const sh = { needs: { runtime: 'sh' } } as const;
const quiet = (): void => undefined;

test('a program is asked for its version once, and again when it is another', async () => {
  await program('curl', 'echo "curl 8.1.2 (x86_64-pc-linux-gnu)"');
  await program('jq', 'echo jq-1.7.1');
  await program('openssl', 'echo OpenSSL 3.0.17 1 Jul 2025');
  await prepareRuntime(sh, quiet);
  const again = await prepareRuntime(sh, quiet);
  expect(again).toEqual({ path: [bin], env: {}, version: 'curl 8.1.2, jq 1.7.1, openssl 3.0.17' });
  expect(await calls('curl')).toHaveLength(1);

  await program('curl', 'echo "curl 8.19.0 (another)"');
  expect((await prepareRuntime(sh, quiet)).version).toBe('curl 8.19.0, jq 1.7.1, openssl 3.0.17');
});

test('what is too old is missing, until it is replaced', async () => {
  await program('curl', 'echo curl 7.68.0');
  await program('jq', 'echo jq-1.6');
  await program('openssl', 'echo OpenSSL 3.0.17 1 Jul 2025');
  await expect(prepareRuntime(sh, quiet)).rejects.toThrow(/^Missing: curl 7\.84 or newer\n/);
  await program('curl', 'echo curl 7.84.0');
  expect((await prepareRuntime(sh, quiet)).version).toBe('curl 7.84.0, jq 1.6, openssl 3.0.17');
});

test('R and its packages are reported together, with their Debian names', async () => {
  await program('apt-get', '');
  const packages = join(bin, 'DESCRIPTION');
  await writeFile(packages, 'Imports: httr2 (>= 0.2.2), R6\n');
  const error = prepareRuntime({ needs: { runtime: 'r', packages } }, quiet);
  await expect(error).rejects.toThrow(/^Missing: R 4\.1 or newer.*R package httr2 0\.2\.2.*R6\n/);
  await expect(error).rejects.toThrow('r-base-core r-cran-httr2 r-cran-r6');
});

test('R is asked again when a library has changed, and samples are told of its libraries', async () => {
  const packages = join(bin, 'DESCRIPTION');
  await writeFile(packages, 'Imports: httr2 (>= 0.2.2)\n');
  await mkdir(join(bin, 'library'));
  const answers = (version: string): string => `
case $* in
  *requireNamespace*) printf '%s\\n' '${bin}/library' 'httr2 ${version} ' ;;
  *) printf '%s\\n' 4.2.2 '${bin}/library' ;;
esac`;
  const prepared = (): Promise<Runtime> =>
    prepareRuntime({ needs: { runtime: 'r', packages } }, quiet);

  await program('Rscript', answers('0.2.1'));
  await expect(prepared()).rejects.toThrow(/^Missing: R package httr2 0\.2\.2 or newer\n/);
  await program('Rscript', answers('0.2.10'));
  const ready = {
    path: [bin],
    env: { R_LIBS: join(bin, 'library'), R_ENABLE_JIT: '0' },
    version: 'R 4.2.2',
  };
  expect(await prepared()).toEqual(ready);
  const asked = (await calls('Rscript')).length;
  expect(await prepared()).toEqual(ready);
  expect(await calls('Rscript')).toHaveLength(asked);

  await mkdir(join(bin, 'library/another'));
  await utimes(join(bin, 'library'), 1, 1);
  await prepared();
  expect((await calls('Rscript')).length).toBeGreaterThan(asked);
});

test.each([
  ['too old', '3.9.18', true],
  ['without venv', '3.11.2', false],
])('a Python that is %s is missing', async (_, version, complete) => {
  const answer = { executable: '/x/python3', version, can_make_environments: complete };
  await program('python3', `echo '${JSON.stringify(answer)}'`);
  await program('apt-get', '');
  const prepared = prepareRuntime({ needs: { runtime: 'python' } }, quiet);
  await expect(prepared).rejects.toThrow(/^Missing: Python 3\.10 or newer with venv/);
  await expect(prepared).rejects.toThrow('python3 python3-venv');
});

test('several run-times report together', async () => {
  const both = [sh, { needs: { runtime: 'r' } }] as const;
  await expect(prepareRuntimes(both, quiet)).rejects.toThrow(
    /^Missing: curl .*, jq .*, openssl .*, R 4\.1/,
  );
});

/** An apt-get that knows its packages only after an update, and writes the programs that it installs. */
const APT = (directory: string, version: string): string => `
case $1 in
  update) : > '${directory}/lists' ;;
  install)
    [ -e '${directory}/lists' ] || { echo "E: Unable to locate package" >&2; exit 100; }
    for name in curl jq openssl; do
      printf '#!/bin/sh\\necho ${version}\\n' > '${directory}/'$name && '${directory}/chmod' 755 '${directory}/'$name
    done ;;
esac`;

test('--install installs all in one call, after an update if the first fails', async () => {
  await program('chmod', 'exec /bin/chmod "$@"');
  await program('apt-get', APT(bin, '8.0'));
  await installMissing([sh.needs, sh.needs], quiet);
  const said = await calls('apt-get');
  expect(said).toHaveLength(3);
  expect(said[1]).toMatch(/^apt-get update/);
  expect(said[2]).toMatch(
    /^apt-get install --yes --no-install-recommends curl jq openssl( -o \S+)?$/,
  );

  await installMissing([sh.needs], quiet);
  expect(await calls('apt-get')).toHaveLength(3);
});

test('--install says so if what it installed is still too old', async () => {
  await program('chmod', 'exec /bin/chmod "$@"');
  await program('apt-get', APT(bin, '1.5'));
  const error = installMissing([sh.needs], quiet);
  await expect(error).rejects.toThrow(
    'apt-get installed curl jq openssl, but still missing: curl 7.84',
  );
});

test('--install shows what apt-get said if it fails', async () => {
  await program('apt-get', 'echo "E: no space left" >&2; exit 100');
  await expect(installMissing([sh.needs], quiet)).rejects.toThrow('E: no space left');
});

test('--install names what to install where there is no apt-get', async () => {
  await program('brew', '');
  await expect(installMissing([sh.needs], quiet)).rejects.toThrow(
    'Install: brew install curl jq openssl',
  );
  expect(await calls('brew')).toEqual([]);
});
