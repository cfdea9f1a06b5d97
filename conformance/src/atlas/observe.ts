import pLimit from 'p-limit';
import { authoritiesOf } from '../servers/authorities.ts';
import { type Authority, SERVER_NAMES, type ServerName } from '../servers/server.ts';
import { startServers } from '../servers/start.ts';
import { type RunningClient, startClients } from './adapters.ts';
import { type Finding, finding, NotObserved } from './finding.ts';
import { playClient, playRequest } from './play.ts';
import { PROPERTIES } from './properties/index.ts';
import { type PropertyRow, probe } from './properties/property.ts';
import type { Provocation } from './provocation.ts';
import { PROVOCATIONS } from './provocations/index.ts';

// More at once only queue up before two processors.
const AT_WORK = 6;

/** Everything that the pages say. */
export interface Observed {
  readonly versions: Readonly<Record<ServerName, string>>;
  readonly findings: readonly Finding[];
  readonly properties: readonly PropertyRow[];
}

/**
 * Starts the three servers and the four clients, and plays everything.
 *
 * @throws CannotRun when one of them cannot be had; NotObserved
 */
export async function observe(progress: (line: string) => void): Promise<Observed> {
  const [servers, clients] = await bothOrNone(progress);
  const authorities = authoritiesOf(servers.urls);
  try {
    progress('asking …');
    const working = pLimit(AT_WORK);
    const [findings, properties] = await Promise.all([
      Promise.all(
        PROVOCATIONS.flatMap((provocation) =>
          authorities.map((authority) => found(provocation, authority, clients, working)),
        ),
      ),
      Promise.all(
        PROPERTIES.map((property) =>
          probe(property, authorities, clients[0]!.adapter, (work) => working(work)),
        ),
      ),
    ]);
    const versions = Object.fromEntries(
      servers.reports.map(({ name, version }) => [name, version]),
    ) as Record<ServerName, string>;
    return { versions, findings, properties };
  } finally {
    await Promise.allSettled([
      ...clients.map(({ adapter }) => adapter.end()),
      ...authorities.map((authority) => authority.close()),
    ]);
    await servers.stop();
  }
}

async function bothOrNone(progress: (line: string) => void) {
  const [servers, clients] = await Promise.allSettled([
    startServers({ names: SERVER_NAMES, keycloak: undefined }, progress),
    startClients(progress),
  ]);
  if (servers.status === 'fulfilled' && clients.status === 'fulfilled')
    return [servers.value, clients.value] as const;
  if (servers.status === 'fulfilled') await servers.value.stop();
  if (clients.status === 'fulfilled')
    await Promise.all(clients.value.map(({ adapter }) => adapter.end()));
  throw servers.status === 'rejected'
    ? servers.reason
    : clients.status === 'rejected' && clients.reason;
}

async function found(
  provocation: Provocation,
  authority: Authority,
  clients: readonly RunningClient[],
  working: ReturnType<typeof pLimit>,
): Promise<Finding> {
  const { how, notAt = {}, title } = provocation;
  if (notAt[authority.name] !== undefined) return finding(provocation, authority.name, []);
  const plays = await Promise.all(
    how.by === 'request'
      ? [working(() => playRequest(how, authority, clients[0]!.adapter))]
      : clients.map(({ adapter, language }) =>
          working(() => playClient(how, authority, adapter, language)),
        ),
  ).catch((error: unknown) => {
    throw new NotObserved(`'${title}' at ${authority.name}: ${messageOf(error)}`, { cause: error });
  });
  return finding(provocation, authority.name, plays);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
