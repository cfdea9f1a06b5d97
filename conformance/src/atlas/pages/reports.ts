// "What the clients report", one row a client, equal ones together.
import { TITLES } from '../../servers/server.ts';
import type { Finding, Play } from '../finding.ts';
import { code, table } from './markdown.ts';

const NONE = '–';

/** @param findings those of one provocation that belong to the page */
export function reports(findings: readonly Finding[]): string[] {
  const played = findings.filter(({ plays }) => plays.some(({ outcome }) => outcome));
  if (played.length === 0) return [];
  const rows = played.flatMap(({ server, plays }) =>
    together(plays, summary).map(([cells, clients]) => [TITLES[server], clients, ...cells]),
  );
  const messages = played.flatMap(({ server, plays }) =>
    together(plays, (play) => [messageOf(play)])
      .filter(([[message]]) => message !== '')
      .map(([[message = ''], clients]) => ({ server, clients, message })),
  );
  const same = Map.groupBy(messages, ({ clients, message }) => `${clients}: ${code(message)}`);
  const lines = [...same].map(([said, servers]) =>
    servers.length === played.length && servers.length > 1
      ? `- ${said}`
      : `- ${servers.map(({ server }) => TITLES[server]).join(', ')}, ${said}`,
  );
  return [
    '**What the clients report.**',
    table(['server', 'client', 'class', '`oauth_error`', '`http_status`'], rows),
    lines.join('\n'),
  ];
}

function summary({ outcome }: Play): string[] {
  if (outcome?.outcome !== 'error') return ['none: it goes on', NONE, NONE];
  const { class: errorClass, oauth_error: word, http_status: status } = outcome.error;
  return [
    code(errorClass),
    word === undefined ? NONE : code(word),
    status === undefined ? NONE : String(status),
  ];
}

function messageOf({ outcome }: Play): string {
  return outcome?.outcome === 'error' ? outcome.error.message : '';
}

/** Clients that report the same, as one. */
function together(
  plays: readonly Play[],
  told: (play: Play) => string[],
): (readonly [cells: string[], clients: string])[] {
  const groups = new Map<string, { cells: string[]; clients: string[] }>();
  for (const play of plays) {
    const cells = told(play);
    const key = JSON.stringify(cells);
    const group = groups.get(key) ?? { cells, clients: [] };
    group.clients.push(play.client ?? '');
    groups.set(key, group);
  }
  const all = groups.size === 1 && plays.length > 1;
  return [...groups.values()].map(
    ({ cells, clients }) => [cells, all ? 'all' : clients.join(', ')] as const,
  );
}
