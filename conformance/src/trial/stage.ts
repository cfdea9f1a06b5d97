import { setTimeout as pause } from 'node:timers/promises';
import type { AdapterProcess } from '../adapter/adapter-process.ts';
import { type Answer, Client, needed } from '../adapter/client.ts';
import { apiUpstream } from '../api/api-upstream.ts';
import { ticketingApi } from '../api/ticketing-api.ts';
import type { Config, Result } from '../protocol/messages.ts';
import type { Authority, Realm } from '../servers/authority.ts';
import { agree, reach } from '../verdict/verdict.ts';
import { type Exchange, form, jsonBody } from '../wire/exchange.ts';
import type { Fault } from '../wire/fault.ts';
import { keycloakEndpoint, REFRESH_ALIAS } from '../wire/keycloak-upstream.ts';
import { Recorder } from '../wire/recorder.ts';
import { CLIENTS, type RealmClient } from './clients.ts';

export interface StageOptions {
  /** Default `korusticket`; the other one rotates refresh tokens. */
  readonly realm?: Realm;
  /** The API asks Keycloak about every token, and so sees a session that has ended. */
  readonly introspecting?: boolean;
  readonly faults?: readonly Fault[];
}

let handles = 0;

/** Where one flow is played: a recorder's origin before Keycloak, one before a ticketing API of its own, and the wire of both. */
export class Stage {
  readonly wire: Exchange[] = [];
  readonly answers: Answer[] = [];
  readonly realm: Realm;
  readonly adapter: AdapterProcess;
  readonly authority: Authority;
  readonly #stderrFrom: number;
  readonly #startedAt = performance.now();
  // A minute early: only to keep the server from looking through the events of a whole run.
  readonly #openedAt = Date.now() - 60_000;
  readonly #opened: string[] = [];
  #recorder!: Recorder;
  #apiRecorder!: Recorder;

  private constructor(authority: Authority, adapter: AdapterProcess, realm: Realm) {
    this.authority = authority;
    this.adapter = adapter;
    this.realm = realm;
    this.#stderrFrom = adapter.stderrLength;
  }

  static async open(
    authority: Authority,
    adapter: AdapterProcess,
    options: StageOptions,
  ): Promise<Stage> {
    const { realm = 'korusticket', introspecting = false, faults = [] } = options;
    const stage = new Stage(authority, adapter, realm);
    const shared = { wire: stage.wire, faults, startedAt: stage.#startedAt };
    stage.#recorder = await Recorder.open({
      ...shared,
      upstream: authority.upstream,
      endpointOf: keycloakEndpoint,
    });
    const { origin } = stage.#recorder;
    const api = ticketingApi({
      issuer: stage.issuer,
      jwks: await authority.jwks(realm),
      ...(introspecting && {
        isActive: (token) => authority.isActive(realm, origin, token, CLIENTS.api),
      }),
    });
    stage.#apiRecorder = await Recorder.open({
      ...shared,
      upstream: apiUpstream(api),
      endpointOf: () => 'api',
    });
    return stage;
  }

  get issuer(): string {
    return `${this.#recorder.origin}/realms/${this.realm}`;
  }

  get tokenUrl(): string {
    return `${this.issuer}/protocol/openid-connect/token`;
  }

  /** The token endpoint under another path, as the recorder has it. */
  get refreshUrl(): string {
    return `${this.issuer}${REFRESH_ALIAS}`;
  }

  get apiUrl(): string {
    return this.#apiRecorder.origin;
  }

  /** Opens a client and takes whatever comes. */
  async tryOpen(
    client: RealmClient | { id: string },
    more: Partial<Config> = {},
  ): Promise<{ client: Client; outcome: Result<'client/open'> }> {
    const handle = `client-${++handles}`;
    const discovered = more.issuer !== undefined;
    const config: Config = {
      grant: 'client_credentials',
      ...(!discovered && { token_url: this.tokenUrl }),
      client_id: client.id,
      ...('secret' in client && { client_secret: client.secret }),
      client_auth: 'post',
      api_url: this.apiUrl,
      ...more,
    };
    const outcome = await this.adapter.call('client/open', { client: handle, config });
    if (outcome.outcome === 'ok') this.#opened.push(handle);
    return { client: new Client(this.adapter, handle, config, this.answers), outcome };
  }

  /** Opens a client that the case needs. */
  async open(client: RealmClient | { id: string }, more?: Partial<Config>): Promise<Client> {
    const opened = await this.tryOpen(client, more);
    needed(opened.outcome, 'an opened client');
    return opened.client;
  }

  /** Milliseconds since the stage was opened, by the clock of its wire. */
  get now(): number {
    return performance.now() - this.#startedAt;
  }

  /** @param ms milliseconds */
  async pause(ms: number): Promise<void> {
    await pause(ms);
  }

  /** As an administrator, ends the session to which the last issued token belongs. */
  async endSession(): Promise<void> {
    const session = this.#sessions.at(-1);
    reach(session !== undefined, 'a session_state in a token response', 'none');
    await this.authority.admin(this.realm).deleteSession(session);
  }

  /**
   * Asks the third witness: how many events of a type the server remembers for this stage's sessions.
   *
   * @throws Judgement `contradiction` when the server remembers another number than the wire shows.
   */
  async mustRemember(type: 'CLIENT_LOGIN' | 'REFRESH_TOKEN', count: number): Promise<void> {
    const admin = this.authority.admin(this.realm);
    const events = await Promise.all(
      this.#sessions.map((sessionId) =>
        admin.events({ sessionId, types: [type], since: this.#openedAt }),
      ),
    );
    agree(
      events.flat().length === count,
      `${count} ${type} events in Keycloak's memory`,
      events.flat().length,
    );
  }

  get #sessions(): string[] {
    const sessions = this.tokenRequests.map(
      ({ upstream }) => jsonBody(upstream)?.['session_state'],
    );
    return [...new Set(sessions.filter((session) => typeof session === 'string'))];
  }

  /** What the adapter has written to standard error since this stage was opened; other trials write there too. */
  get stderr(): string {
    return this.adapter.stderrSince(this.#stderrFrom);
  }

  get tokenRequests(): Exchange[] {
    return this.wire.filter(({ endpoint }) => endpoint === 'token');
  }

  /** Token requests whose grant type is `refresh_token`. */
  get refreshes(): Exchange[] {
    return this.tokenRequests.filter(
      ({ request }) => form(request).get('grant_type') === 'refresh_token',
    );
  }

  /** Token requests with any other grant type. */
  get grants(): Exchange[] {
    return this.tokenRequests.filter(
      ({ request }) => form(request).get('grant_type') !== 'refresh_token',
    );
  }

  get apiRequests(): Exchange[] {
    return this.wire.filter(({ endpoint }) => endpoint === 'api');
  }

  async close(): Promise<void> {
    // A client that hangs or an adapter that died has been judged already.
    await Promise.allSettled(
      this.#opened.map((client) => this.adapter.call('client/close', { client }, 5_000)),
    );
    await Promise.all([this.#recorder.close(), this.#apiRecorder.close()]);
  }
}
