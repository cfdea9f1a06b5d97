import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { prepare } from '../../cache/prepare.ts';
import { CannotRun } from '../../cannot-run.ts';
import { prepareRuntime } from '../../runtimes/index.ts';
import { realmFile } from '../keycloak/realm.ts';
import { diskFull, runTool, saysDiskFull, telling } from '../keycloak/run-tool.ts';
import { step } from '../keycloak/steps.ts';
import { environment, python } from './command.ts';
import { project, requirements, sources } from './files.ts';

type Progress = (line: string) => void;

/** Slowest seen, on two busy cores: 16 s. */
const limitMs = 120_000;

export interface Prepared {
  /** The `bin` folder of a Python environment with both servers. */
  readonly bin: string;
  /** A SQLite file, never to be written to. */
  readonly database: string;
}

/** @throws {CannotRun} if Python is missing, or what it was asked to do fails */
export async function prepareDjango(progress: Progress): Promise<Prepared> {
  const needs = { runtime: 'python', packages: requirements } as const;
  const { path } = await prepareRuntime({ needs }, progress);
  const [bin = ''] = path;
  return { bin, database: await prepareDatabase(bin, progress) };
}

async function prepareDatabase(bin: string, progress: Progress): Promise<string> {
  const folder = await prepare({
    kind: 'django',
    // The environment's path holds what it was made from: interpreter and packages.
    key: [bin, await readFile(realmFile, 'utf8'), ...(await sources())],
    progress,
    build: (into) => step(progress, 'making a database', () => makeDatabase(bin, join(into, name))),
  });
  return join(folder, name);
}

const name = 'database.sqlite3';

async function makeDatabase(bin: string, database: string): Promise<void> {
  const { exitCode, output } = await runTool(
    "Django's database",
    [...python(bin), join(project, 'manage.py'), 'prepare'],
    limitMs,
    environment({ DATABASE: database }),
  );
  if (exitCode === 0) return;
  if (saysDiskFull(output)) throw diskFull(database, output);
  throw new CannotRun(
    `making Django's database from ${realmFile} failed with exit code ${exitCode}:\n${telling(output)}`,
  );
}
