import type { CannotRun } from '../cannot-run.ts';
import type { ServerUrls } from '../engine/server-urls.ts';
import type { ServerReport } from '../report/model.ts';
import { type KeycloakWay, startKeycloak } from './keycloak/index.ts';
import type { Load } from './keycloak/command.ts';
import type { ServerName } from './server.ts';

/** Which servers, and which Keycloak. */
export interface ServerChoice {
  readonly names: readonly ServerName[];
  /** Default: a container if an engine answers, else the distribution. */
  readonly keycloak: KeycloakWay | undefined;
}

export interface Running {
  readonly urls: ServerUrls;
  readonly reports: readonly ServerReport[];
  /** Why a server is no more, if one has died. */
  readonly death: () => CannotRun | undefined;
  stop(): Promise<void>;
}

/**
 * Starts the servers side by side, and no other ones.
 *
 * @throws CannotRun when one cannot be had; then none is left.
 */
export async function startServers(
  { names, keycloak }: ServerChoice,
  progress: (line: string) => void,
  load?: Load,
): Promise<Running> {
  const started = await Promise.allSettled([
    ...(names.includes('keycloak') ? [keycloakAlone(keycloak, progress, load)] : []),
    ...(names.some((name) => name.startsWith('django-')) ? [django(names, progress)] : []),
  ]);
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()));
  };
  const failed = started.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') {
    await stop();
    throw failed.reason;
  }
  return {
    urls: Object.assign({}, ...running.map(({ urls }) => urls)) as ServerUrls,
    reports: running.flatMap(({ reports }) => reports),
    death: () => running.map(({ death }) => death()).find(Boolean),
    stop,
  };
}

async function keycloakAlone(
  way: KeycloakWay | undefined,
  progress: (line: string) => void,
  load: Load | undefined,
): Promise<Running> {
  const server = await startKeycloak(way, progress, load);
  let dead: CannotRun | undefined;
  void server.ended?.then((why) => (dead = why));
  return {
    urls: { keycloak: server.url },
    reports: [described('keycloak', server)],
    death: () => dead,
    stop: () => server.stop(),
  };
}

/** One process is both of Django's. */
async function django(
  names: readonly ServerName[],
  progress: (line: string) => void,
): Promise<Running> {
  const { startDjango } = await import('./django/index.ts');
  const { url, versions, preparedMs, readyMs, ended, stop } = await startDjango(progress);
  let dead: CannotRun | undefined;
  void ended.then((why) => (dead = why));
  const its = names.filter((name) => name !== 'keycloak');
  return {
    urls: Object.fromEntries(its.map((name) => [name, url])),
    reports: its.map((name) =>
      described(name, { version: versions[name], way: 'process', preparedMs, readyMs }),
    ),
    death: () => dead,
    stop,
  };
}

function described(
  name: ServerName,
  server: { version: string; way: string; preparedMs: number; readyMs: number },
): ServerReport {
  const { version, way, preparedMs, readyMs } = server;
  return {
    name,
    version,
    way,
    prepared_ms: Math.round(preparedMs),
    ready_ms: Math.round(readyMs),
  };
}
