import type { TokenCheck } from '../api/ticketing-api.ts';
import type { Capability, Config } from '../protocol/messages.ts';
import type { RealmUser } from '../trial/clients.ts';
import type { Endpoint, Exchange } from '../wire/exchange.ts';
import type { Upstream } from '../wire/recorder.ts';

export const SERVER_NAMES = ['keycloak', 'django-oauth-toolkit', 'django-oidc-provider'] as const;
export type ServerName = (typeof SERVER_NAMES)[number];

export const TITLES: Readonly<Record<ServerName, string>> = {
  keycloak: 'Keycloak',
  'django-oauth-toolkit': 'Django OAuth Toolkit',
  'django-oidc-provider': 'django-oidc-provider',
};

/** Keycloak has three; the others have one, which rotates refresh tokens. */
export type Realm = 'korusticket' | 'korusticket-rotating' | 'korusticket-new-keys';

/** A server as the clients of one stage see it: behind a recorder's origin. */
export interface Behind {
  readonly origin: string;
  readonly realm: Realm;
}

/** What of a stage a server can be asked about. */
export interface Seen extends Behind {
  readonly tokenRequests: readonly Exchange[];
  /** When the stage was opened: milliseconds since 1970. */
  readonly since: number;
}

/** Absolute URLs; a server may lack some. */
export interface Endpoints {
  /** What a client is given in place of all others, where the server publishes metadata. */
  readonly issuer?: string;
  readonly authorization: string;
  readonly token: string;
  readonly userinfo?: string;
}

/** Settings in the words of the adapter protocol. */
export type Settings = Partial<Config> & Pick<Config, 'grant'>;

/** A running authorization server as one worker's trials use it: behind recorders, and directly as its administrator. */
export interface Authority {
  readonly name: ServerName;
  readonly upstream: Upstream;
  endpointOf(path: string): Endpoint;
  endpoints(behind: Behind): Endpoints;
  /** The token endpoint under another path, as the recorder has it: for clients that are given a refresh endpoint of its own. */
  refreshAlias(behind: Behind): string;
  /** How a program without a person in front of it gets tokens, and refresh tokens with them, here. */
  readonly service: Settings;
  /** How a person logs in here. */
  login(behind: Behind): Settings;
  /** What a client must be able to do here that needs this on Keycloak. */
  need(capability: Capability): Capability;
  /** How an API that trusts this server looks at a token. @param introspecting it asks the server, beside checking what it can itself */
  tokenCheck(behind: Behind, introspecting: boolean): Promise<TokenCheck>;
  /** A person whom no other trial knows. */
  newUser(realm: Realm): Promise<RealmUser>;
  /** As an administrator, ends what the last issued token belongs to: no refresh follows. */
  endSession(seen: Seen): Promise<void>;
  /** As an administrator, logs the person out to whom the last token was issued: all sessions end. Keycloak alone can, and it must be a person whom no other trial knows. */
  readonly logOutPerson?: (seen: Seen) => Promise<void>;
  /** As an administrator, gives a realm another key to sign with; the ones before stay good. Keycloak alone can, and other trials in the realm see it too. */
  readonly rotateKeys?: (behind: Behind) => Promise<void>;
  /** As an administrator, lets the last issued access token die; its refresh token stays good. Keycloak cannot: its tokens say themselves how long they live. */
  readonly expireToken?: (seen: Seen) => Promise<void>;
  /** How many grants without a person, or refreshes, the server remembers of a stage. */
  remembered(seen: Seen, what: 'grant' | 'refresh'): Promise<number>;
  close(): Promise<void>;
}
