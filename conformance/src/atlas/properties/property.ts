import type { AdapterProcess } from '../../adapter/adapter-process.ts';
import type { Authority, ServerName } from '../../servers/server.ts';
import { Stage, type StageOptions } from '../../trial/stage.ts';
import type { Exchange } from '../../wire/exchange.ts';
import { NotObserved } from '../finding.ts';
import { headerOf, isHtml, wordOf } from '../answer.ts';
import { RawRequests } from '../raw-requests.ts';
import { stabilizer } from '../stable.ts';

/** A habit of a server, and how to find it out. */
export interface Property {
  readonly name: string;
  readonly options?: StageOptions;
  /** Whether Keycloak is asked twice: with "Revoke Refresh Token" off and on. */
  readonly ofEachRealm?: boolean;
  /** What a cell says, as Markdown. */
  readonly probe: (raw: RawRequests) => Promise<string>;
}

export interface PropertyRow {
  readonly name: string;
  readonly cells: Readonly<Record<ServerName, string>>;
}

const REALMS = { korusticket: 'off', 'korusticket-rotating': 'on' } as const;

/** Asks every server. */
export async function probe(
  property: Property,
  authorities: readonly Authority[],
  adapter: AdapterProcess,
  working: (work: () => Promise<string>) => Promise<string>,
): Promise<PropertyRow> {
  const ask = (authority: Authority, more: StageOptions = {}) =>
    working(() => asked(property, authority, adapter, more));
  const cells = await Promise.all(
    authorities.map(async (authority) => {
      if (!property.ofEachRealm || authority.name !== 'keycloak')
        return [authority.name, await ask(authority)];
      const [off, on] = await Promise.all([
        ask(authority, { realm: 'korusticket' }),
        ask(authority, { realm: 'korusticket-rotating' }),
      ]);
      const both = `Revoke Refresh Token ${REALMS.korusticket}: ${off}; ${REALMS['korusticket-rotating']}: ${on}`;
      return [authority.name, off === on ? off : both];
    }),
  );
  return { name: property.name, cells: Object.fromEntries(cells) as PropertyRow['cells'] };
}

async function asked(
  { name, probe, options }: Property,
  authority: Authority,
  adapter: AdapterProcess,
  more: StageOptions,
): Promise<string> {
  const stage = await Stage.open(authority, adapter, { ...options, ...more });
  try {
    return stabilizer(stage)(await probe(new RawRequests(stage)));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new NotObserved(`'${name}' at ${authority.name}: ${why}`, { cause: error });
  } finally {
    await stage.close();
  }
}

/** An answer in a few words: status, the server's word, challenge. */
export function said(exchange: Exchange): string {
  const { response } = exchange;
  const word = wordOf(response);
  const challenge = headerOf(response, 'www-authenticate');
  return [
    `${response?.status}`,
    ...(word === undefined || (challenge?.includes(word) && response?.body === '')
      ? []
      : [`\`${word}\``]),
    ...(challenge === undefined ? [] : [`\`WWW-Authenticate: ${challenge}\``]),
  ].join(' ');
}

/** Whether a browser was let in: a login form, or why not. */
export function admitted(exchange: Exchange): string {
  const { response } = exchange;
  const word = wordOf(response);
  if (word !== undefined) return `refused: \`${word}\``;
  if (isHtml(response) && !response?.body.includes('<form'))
    return `refused: an error page, ${response?.status}`;
  return 'accepted';
}
