import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { leash } from '../../processes/leash.ts';
import { cleanEnvironment } from './command.ts';
import { findJava } from './java.ts';
import { readPinned } from './files.ts';
import { prepareDistribution } from './prepared.ts';
import { allReady } from './ready.ts';
import { importFiles, readRealm } from './realm.ts';
import { freePort } from './server.ts';

const limitMs = 300_000;

/**
 * Starts Keycloak as its documentation says, `kc.sh start-dev --import-realm`, once on an empty folder and once more on what that left behind. For benchmarks: this is
 * what a run without any preparation would wait for.
 *
 * @returns milliseconds until all realms answer
 */
export async function startStock(): Promise<{ firstMs: number; laterMs: number }> {
  const java = await findJava();
  const home = await mkdtemp(join(tmpdir(), 'polyglot-tokens-stock-'));
  try {
    // A copy, because start-dev builds into its own folder.
    const distribution = await prepareDistribution(await readPinned(), java, () => {});
    await cp(distribution, home, { recursive: true, verbatimSymlinks: true });
    await rm(join(home, 'data'), { recursive: true, force: true });
    await rm(join(home, 'conf', 'keycloak.conf'), { force: true });
    const imports = join(home, 'data', 'import');
    await mkdir(imports, { recursive: true });
    const files = Object.entries(importFiles(await readRealm()));
    for (const [name, text] of files) await writeFile(join(imports, name), text);
    const once = () => startOnce(home, java.path);
    return { firstMs: await once(), laterMs: await once() };
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function startOnce(home: string, java: string): Promise<number> {
  const started = performance.now();
  const port = await freePort();
  const words = ['start-dev', '--import-realm', '--http-host=127.0.0.1', `--http-port=${port}`];
  const keycloak = leash([join(home, 'bin', 'kc.sh'), ...words], {
    cwd: home,
    env: { ...cleanEnvironment(), JAVA: java },
    stdin: 'ignore',
    stdout: 'ignore',
    stderr: 'ignore',
  });
  try {
    await allReady(`http://127.0.0.1:${port}`, started + limitMs);
    return performance.now() - started;
  } finally {
    await keycloak.stop();
  }
}
