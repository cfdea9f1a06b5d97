import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CannotRun } from '../cannot-run.ts';
import type { SubjectHandshake } from '../engine/plan.ts';
import type { Subject } from '../engine/run.ts';
import type { Implementation } from '../implementations/find.ts';
import { buildReport } from '../report/build.ts';
import type { ImplementationReport, Report } from '../report/model.ts';
import {
  findChromium,
  installMissing,
  prepareRuntimes,
  requireInstalled,
} from '../runtimes/index.ts';
import { casesOf, type Identified, serversOf } from '../requirements/load.ts';
import { type ServerChoice, startServers } from '../servers/start.ts';
import type { Options } from './options.ts';

export type Progress = (line: string) => void;

export interface RunEnd {
  readonly report: Report;
  /** Why a server is no more, if one has died: then most of what failed says nothing. */
  readonly death: CannotRun | undefined;
}

/**
 * Prepares, runs and reports.
 *
 * @throws CannotRun when the run could not be begun; Keycloak is stopped in any case.
 */
export async function run(
  options: Pick<Options, 'install' | 'servers' | 'browser'>,
  implementations: readonly Implementation[],
  requirements: readonly Identified[],
  progress: Progress,
): Promise<RunEnd> {
  const startedAt = new Date();
  const clock = performance.now();
  const needed = neededServers(options.servers, requirements);
  const needs = implementations.map((implementation) => implementation.needs);
  if (options.install)
    await installMissing(
      [
        ...needs,
        ...serverNeeds(needed),
        ...(options.browser ? [{ runtime: 'chromium' } as const] : []),
        ...checkoutNeeds(),
      ],
      progress,
    );
  // Before a server is fetched and started for nothing.
  else await requireInstalled(needs, serverNeeds(needed));
  const browser = options.browser
    ? { program: (await findChromium()).path, screenshots: resolve('reports/browser') }
    : undefined;
  // What an earlier run has left would look like this one's.
  if (browser) await rm(browser.screenshots, { recursive: true, force: true });
  const starting = startServers(needed, progress);
  const urls = starting.then((servers) => {
    progress(`running the trials of ${implementations.map(({ name }) => name).join(', ')} …`);
    return servers.urls;
  });
  // Whoever waits for it hears why it failed, and nobody may wait for it yet.
  urls.catch(() => {});
  try {
    // Vitest takes 0.3 s to load. All this, and the adapters, are ready when the servers are.
    const [ready, { runTrials }] = await Promise.all([
      prepare(implementations, progress),
      import('../engine/run.ts'),
    ]);
    const where = { names: needed.names, urls };
    const { trials, handshakes } = await runTrials(where, ready, requirements, { browser });
    const servers = await starting;
    const death = servers.death();
    const report = buildReport({
      startedAt,
      durationMs: performance.now() - clock,
      servers: [...servers.reports],
      implementations: ready.map((subject) =>
        described(subject, handshakes.get(subject.implementation.name)),
      ),
      requirements,
      trials,
    });
    return { report, death };
  } finally {
    await starting.then(
      (servers) => servers.stop(),
      () => {},
    );
  }
}

/** A checkout of the repository also gets what `pnpm test` needs, so that the second command of the README can follow the first. */
function checkoutNeeds(): { runtime: 'r'; packages: string }[] {
  const packages = fileURLToPath(new URL('../../../scripts/tools/DESCRIPTION', import.meta.url));
  return existsSync(packages) ? [{ runtime: 'r', packages }] : [];
}

/** Those of the chosen ones at which something that is selected is played. */
function neededServers(
  { names, keycloak }: ServerChoice,
  requirements: readonly Identified[],
): ServerChoice {
  const played = new Set(
    requirements.flatMap(casesOf).flatMap(({ definition }) => serversOf(definition)),
  );
  return { names: names.filter((name) => played.has(name)), keycloak };
}

function serverNeeds({ names, keycloak }: ServerChoice): { runtime: 'keycloak' | 'python' }[] {
  return [
    ...(names.includes('keycloak') && !(keycloak instanceof URL)
      ? [{ runtime: 'keycloak' as const }]
      : []),
    ...(names.some((name) => name !== 'keycloak') ? [{ runtime: 'python' as const }] : []),
  ];
}

async function prepare(
  implementations: readonly Implementation[],
  progress: Progress,
): Promise<Subject[]> {
  const runtimes = await prepareRuntimes(implementations, progress);
  return implementations.map((implementation, index) => ({
    implementation,
    runtime: runtimes[index]!,
  }));
}

function described(
  { implementation, runtime }: Subject,
  handshake: SubjectHandshake | undefined,
): ImplementationReport {
  const { name, language } = implementation;
  return {
    name,
    language,
    runtime: handshake?.runtime ?? runtime.version,
    ...(handshake?.library !== undefined && { library: handshake.library }),
    ...(handshake?.version !== undefined && { version: handshake.version }),
    capabilities: [...(handshake?.capabilities ?? [])],
    ...(handshake?.broken !== undefined && { broken: handshake.broken }),
  };
}
