import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { CannotRun } from '../../cannot-run.ts';
import { prepare } from '../../cache/prepare.ts';
import { cleanEnvironment, keycloakCommand } from './command.ts';
import { conf, type Pinned } from './files.ts';
import type { Java } from './java.ts';
import { databaseFile, makeHome } from './home.ts';
import { fetchDistribution } from './maven.ts';
import { importFiles, type Realm, realmFile } from './realm.ts';
import { diskFull, telling, runTool, saysDiskFull } from './run-tool.ts';
import { step } from './steps.ts';

type Progress = (line: string) => void;

/** Changes when the code here makes something else of the same inputs. */
const recipe = '1';
/** The slowest seen, on two busy cores, is 25 s. */
const limitMs = 300_000;

/** The distribution, built for our configuration. Independent of the Java that built it. */
export async function prepareDistribution(
  pinned: Pinned,
  java: Java,
  progress: Progress,
): Promise<string> {
  const key = [recipe, pinned.version, pinned.sha256, await readFile(conf, 'utf8')];
  const build = async (folder: string): Promise<void> => {
    await step(progress, 'fetching the distribution through Maven', () =>
      fetchDistribution(pinned, folder),
    );
    const keycloak = join(folder, 'keycloak');
    await copyFile(conf, join(keycloak, 'conf', 'keycloak.conf'));
    await step(progress, 'building', () => run(java, keycloak, keycloak, ['build']));
  };
  return join(await prepare({ kind: 'keycloak', key, build, progress }), 'keycloak');
}

/** A database with all realms: a folder with keycloakdb.mv.db. */
export async function prepareDatabase(
  pinned: Pinned,
  distribution: string,
  realm: Realm,
  java: Java,
  progress: Progress,
): Promise<string> {
  const files = importFiles(realm);
  const key = [recipe, pinned.sha256, await readFile(conf, 'utf8'), JSON.stringify(files)];
  const build = async (folder: string): Promise<void> => {
    const realms = join(folder, 'realms');
    await mkdir(realms);
    for (const [name, text] of Object.entries(files)) await writeFile(join(realms, name), text);
    const home = await makeHome(join(folder, 'home-'), distribution);
    await step(progress, 'importing the realms', () =>
      run(java, distribution, home, ['import', '--optimized', '--dir', realms]),
    );
    await copyFile(join(home, databaseFile), join(folder, basename(databaseFile)));
    await rm(home, { recursive: true });
  };
  return prepare({ kind: 'keycloak-realms', key, build, progress });
}

async function run(java: Java, distribution: string, home: string, args: string[]): Promise<void> {
  const command = keycloakCommand(java, distribution, home, [], args);
  const { exitCode, output } = await runTool(
    `Keycloak's ${args[0]}`,
    command,
    limitMs,
    cleanEnvironment(),
  );
  if (exitCode === 0) return;
  if (saysDiskFull(output)) throw diskFull(home, output);
  const about = args[0] === 'import' ? ` of ${realmFile}` : '';
  throw new CannotRun(
    `Keycloak's ${args[0]}${about} failed with exit code ${exitCode}:\n${telling(output)}`,
  );
}
