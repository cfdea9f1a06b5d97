import { readRealm, realmFile } from '../servers/keycloak/realm.ts';

/** A client that is registered in the realm. */
export interface RealmClient {
  readonly id: string;
  readonly secret: string;
}

const { clients } = await readRealm();

function registered(matches: (id: string) => boolean): RealmClient {
  const found = clients.find(({ clientId }) => matches(clientId));
  if (!found) throw new Error(`a client is missing in ${realmFile}`);
  return { id: found.clientId, secret: found.secret };
}

/** The realm's clients by what they are for; its file describes each. */
export const CLIENTS = {
  /** Client credentials with a refresh token; both live 1800 s. */
  service: registered((id) => id === 'korus-service'),
  /** Id and secret full of reserved characters. */
  reserved: registered((id) => id.startsWith('korus:reserved')),
  /** No refresh token. */
  plain: registered((id) => id === 'korus-plain'),
  /** The access token lives 2 s, the refresh token 4 s. */
  short: registered((id) => id === 'korus-short'),
  api: registered((id) => id === 'ticketing-api'),
} as const;

/** Every client secret of the realm: none of them may be seen in any output. */
export const CLIENT_SECRETS: readonly string[] = clients.map(({ secret }) => secret);
