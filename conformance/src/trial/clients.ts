import { DJANGO_SECRETS } from '../servers/django/clients.ts';
import { readRealm, realmFile } from '../servers/keycloak/realm.ts';

/** A client that is registered in the realm. */
export interface RealmClient {
  readonly id: string;
  readonly secret: string;
}

/** `https://id:secret@host/token/`, as document 003 of the project prints it. */
export function withCredentials(url: string, { id, secret }: RealmClient): string {
  return url.replace('://', `://${[id, secret].map(encodeURIComponent).join(':')}@`);
}

/** A client without a secret: a program on a person's machine cannot keep one (RFC 8252, section 8.4). */
export interface PublicClient {
  readonly id: string;
}

export interface RealmUser {
  readonly username: string;
  readonly password: string;
}

const { clients, users } = await readRealm();

function registered(matches: (id: string) => boolean): RealmClient {
  const found = clients.find(({ clientId }) => matches(clientId));
  if (found?.secret === undefined) throw new Error(`a client is missing in ${realmFile}`);
  return { id: found.clientId, secret: found.secret };
}

function publicClient(id: string): PublicClient {
  const found = clients.find(({ clientId }) => clientId === id);
  if (!found || found.secret !== undefined)
    throw new Error(`the public client ${id} is missing in ${realmFile}`);
  return { id };
}

function user(name: string): RealmUser {
  const found = users.find(({ username }) => username === name);
  const password = found?.credentials[0]?.value;
  if (password === undefined) throw new Error(`the user ${name} is missing in ${realmFile}`);
  return { username: name, password };
}

/** The realm's clients by what they are for; its file describes each. */
export const CLIENTS = {
  /** Client credentials with a refresh token; both live 1800 s. */
  service: registered((id) => id === 'korus-service'),
  /** Id and secret full of reserved characters. */
  reserved: registered((id) => id.startsWith('korus:reserved')),
  /** No refresh token. */
  plain: registered((id) => id === 'korus-plain'),
  /** The access token lives 6 s, the refresh token 8 s. */
  short: registered((id) => id === 'korus-short'),
  /** A person's program: public, PKCE, loopback redirect. */
  native: publicClient('korus-native'),
  /** The same; its access token lives 2 s, its refresh token 10 s. */
  nativeShort: publicClient('korus-native-short'),
  /** Public; the person must consent. */
  consent: publicClient('korus-consent'),
  /** Confidential, logs a person in. */
  web: registered((id) => id === 'korus-web'),
  /** Takes the person's password itself. */
  password: registered((id) => id === 'korus-password'),
  api: registered((id) => id === 'ticketing-api'),
} as const;

/** The realm's users. */
export const USERS = {
  ada: user('ada'),
  /** Name and password hold letters beyond ASCII and characters that forms escape. */
  zoe: user('zoë'),
} as const;

/** Every client secret and password of the servers: none of them may be seen in any output. */
export const CLIENT_SECRETS: readonly string[] = [
  ...clients.flatMap(({ secret }) => secret ?? []),
  ...DJANGO_SECRETS,
  ...users.flatMap(({ credentials }) => credentials.map(({ value }) => value)),
];
