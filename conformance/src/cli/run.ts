import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ProjectHandshake } from '../engine/plan.ts';
import type { Subject } from '../engine/run.ts';
import type { Implementation } from '../implementations/find.ts';
import { buildReport } from '../report/build.ts';
import type { ImplementationReport, Report } from '../report/model.ts';
import { writeReports } from '../report/write.ts';
import type { Identified } from '../requirements/load.ts';
import { installMissing, prepareRuntimes } from '../runtimes/index.ts';
import { startKeycloak } from '../servers/keycloak/index.ts';
import type { Options } from './options.ts';

export type Progress = (line: string) => void;

/**
 * Prepares, runs and reports.
 *
 * @throws CannotRun when the run could not be begun; Keycloak is stopped in any case.
 */
export async function run(
  options: Pick<Options, 'install' | 'server' | 'reports'>,
  implementations: readonly Implementation[],
  requirements: readonly Identified[],
  progress: Progress,
): Promise<Report> {
  const startedAt = new Date();
  const clock = performance.now();
  if (options.install)
    await installMissing(
      [...implementations.map(({ needs }) => needs), ...serverNeeds(options), ...checkoutNeeds()],
      progress,
    );
  // Loading Vitest takes 0.3 s, which nothing waits for while Keycloak starts.
  const [{ keycloak, ready }, { runTrials }] = await Promise.all([
    prepare(options, implementations, progress),
    import('../engine/run.ts'),
  ]);
  try {
    progress(
      `running the trials of ${ready.map(({ implementation }) => implementation.name).join(', ')} …`,
    );
    const { trials, handshakes } = await runTrials(keycloak.url, ready, requirements);
    const report = buildReport({
      startedAt,
      durationMs: performance.now() - clock,
      server: keycloak,
      implementations: ready.map((subject) =>
        described(subject, handshakes.get(subject.implementation.name)),
      ),
      requirements,
      trials,
    });
    await writeReports(report, options.reports);
    return report;
  } finally {
    await keycloak.stop();
  }
}

/** A checkout of the repository also gets what `pnpm test` needs, so that the second command of the README can follow the first. */
function checkoutNeeds(): { runtime: 'r'; packages: string }[] {
  const packages = fileURLToPath(new URL('../../../scripts/tools/DESCRIPTION', import.meta.url));
  return existsSync(packages) ? [{ runtime: 'r', packages }] : [];
}

function serverNeeds({ server }: Pick<Options, 'server'>): { runtime: 'keycloak' }[] {
  return server instanceof URL ? [] : [{ runtime: 'keycloak' }];
}

/** Keycloak and the run-times are made ready side by side; if one cannot be had, the other does not stay behind. */
async function prepare(
  options: Pick<Options, 'server'>,
  implementations: readonly Implementation[],
  progress: Progress,
) {
  const starting = startKeycloak(options.server, progress);
  const preparing = prepareRuntimes(implementations, progress);
  const [started, prepared] = await Promise.allSettled([starting, preparing]);
  if (started.status === 'rejected') throw started.reason;
  if (prepared.status === 'rejected') {
    await started.value.stop();
    throw prepared.reason;
  }
  const ready = implementations.map((implementation, index): Subject => ({
    implementation,
    runtime: prepared.value[index]!,
  }));
  return { keycloak: started.value, ready };
}

function described(
  { implementation, runtime }: Subject,
  handshake: ProjectHandshake | undefined,
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
