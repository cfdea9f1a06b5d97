import { SERVER_NAMES, TITLES } from '../../servers/server.ts';
import type { Observed } from '../observe.ts';
import { page, table } from './markdown.ts';

/** Property by server. */
export function serversPage(
  { properties, versions }: Pick<Observed, 'properties' | 'versions'>,
  generated: string,
): Promise<string> {
  return page([
    '# How three servers differ',
    'Every cell is the answer to a request of one run. A number is an HTTP status, the word behind it the `error` of the answer; `<server>` is the origin. Lists of words are in the order of the alphabet.',
    table(
      ['', ...SERVER_NAMES.map((server) => `${TITLES[server]} ${versions[server]}`)],
      properties.map(({ name, cells }) => [name, ...SERVER_NAMES.map((server) => cells[server])]),
    ),
    'The clients and lifetimes are those of [the realm file](../conformance/realm/korusticket.json); refresh tokens come from Keycloak’s client credentials grant with its switch on, from Django’s two servers by the password grant. What the servers say when something is wrong: [errors](errors/README.md).',
    generated,
  ]);
}
