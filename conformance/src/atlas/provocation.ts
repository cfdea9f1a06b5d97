import type { Client } from '../adapter/client.ts';
import type { ClientError, Config } from '../protocol/messages.ts';
import type { ServerName } from '../servers/server.ts';
import type { PublicClient, RealmClient } from '../trial/clients.ts';
import type { Stage, StageOptions } from '../trial/stage.ts';
import type { Endpoint, Exchange } from '../wire/exchange.ts';
import type { RawRequests } from './raw-requests.ts';

export const LANGUAGES = ['curl', 'TypeScript', 'Python', 'R', 'Groovy'] as const;
export type Language = (typeof LANGUAGES)[number];

export type Outcome =
  { readonly outcome: 'ok' } | { readonly outcome: 'error'; readonly error: ClientError };

/** A client, and what it is asked for. */
export interface Attempt {
  readonly client: RealmClient | PublicClient;
  readonly settings?: Partial<Config>;
  /** Default: to give a token. */
  readonly act?: (client: Client, stage: Stage) => Promise<Outcome>;
}

/** Played by every client under test. */
export interface ByClients {
  readonly by: 'clients';
  readonly options?: StageOptions;
  /** Whose answer is meant, where several refuse; default: the last one's. */
  readonly endpoint?: Endpoint;
  readonly wrong: (stage: Stage) => Attempt;
  /** The same with the change that the page advises. It has to work, at every server: or the advice would be nobody's but the author's. */
  readonly right?: (stage: Stage) => Attempt;
}

/** What no client here would send. */
export interface ByRequest {
  readonly by: 'request';
  readonly options?: StageOptions;
  /** Who sends such a thing: "A client that …". */
  readonly who: string;
  readonly send: (raw: RawRequests) => Promise<Exchange>;
  readonly right?: (raw: RawRequests) => Promise<Exchange>;
}

/** One way to be refused. */
export interface Provocation {
  /** The heading: what is wrong. */
  readonly title: string;
  /** One sentence. */
  readonly cause: string;
  readonly change: {
    /** What to do, in a sentence. */
    readonly advice: string;
    /** The line in each language, where it is no setting: settings are read from the difference between wrong and right. */
    readonly lines?: Partial<Readonly<Record<Language, string>>>;
    /** Where it is set at the server. */
    readonly at?: Partial<Readonly<Record<ServerName, string>>>;
  };
  /** Servers at which it cannot be tried, and why. */
  readonly notAt?: Partial<Readonly<Record<ServerName, string>>>;
  readonly how: ByClients | ByRequest;
}
