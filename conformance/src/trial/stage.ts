import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { AdapterProcess } from '../adapter/adapter-process.ts';
import { type Answer, Client, needed } from '../adapter/client.ts';
import { apiUpstream } from '../api/api-upstream.ts';
import { ticketingApi } from '../api/ticketing-api.ts';
import { removeInUse } from '../cache/folder.ts';
import type { Config, Result } from '../protocol/messages.ts';
import type { Authority, Behind, Endpoints, Realm, Seen } from '../servers/server.ts';
import { agree } from '../verdict/verdict.ts';
import { type Exchange, form } from '../wire/exchange.ts';
import type { Fault } from '../wire/fault.ts';
import { Recorder } from '../wire/recorder.ts';
import { CLIENTS, type PublicClient, type RealmClient, type RealmUser } from './clients.ts';
import { stalls } from './stalls.ts';
import { FurtherAdapters, SpareAdapters } from './further-adapters.ts';

export interface StageOptions {
  /** Default `korusticket`; the other one rotates refresh tokens. */
  readonly realm?: Realm;
  /** The API asks the server about every token, and so sees a session that has ended. */
  readonly introspecting?: boolean;
  readonly faults?: readonly Fault[];
  /** Called at the first pause of the case, or of an answer that is held back for long. */
  readonly rest?: (() => void) | undefined;
  /** Where further processes of the implementation come from. */
  readonly spare?: SpareAdapters | undefined;
}

// Clients wait as long for an answer that is held back: others can use the time.
const REST_MS = 1_000;

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
  readonly #openedAt = Date.now();
  readonly #opened: { adapter: AdapterProcess; client: string }[] = [];
  readonly #further: FurtherAdapters;
  readonly #arrivals: ((exchange: Exchange) => void)[] = [];
  #folder: Promise<string> | undefined;
  #recorder!: Recorder;
  #apiRecorder!: Recorder;

  readonly #rest: () => void;

  private constructor(
    authority: Authority,
    adapter: AdapterProcess,
    { realm = 'korusticket', rest = () => {}, spare = new SpareAdapters(adapter) }: StageOptions,
  ) {
    this.#rest = rest;
    this.authority = authority;
    this.adapter = adapter;
    this.#further = new FurtherAdapters(spare, rest);
    this.realm = realm;
    this.#stderrFrom = adapter.stderrLength;
  }

  static async open(
    authority: Authority,
    adapter: AdapterProcess,
    options: StageOptions,
  ): Promise<Stage> {
    const { introspecting = false, faults = [] } = options;
    const stage = new Stage(authority, adapter, options);
    const arrived = (exchange: Exchange) => stage.#arrivals.forEach((told) => told(exchange));
    const held = (ms: number) => {
      if (ms >= REST_MS) stage.#rest();
    };
    const shared = { wire: stage.wire, faults, startedAt: stage.#startedAt, arrived, held };
    stage.#recorder = await Recorder.open({
      ...shared,
      upstream: authority.upstream,
      endpointOf: (path) => authority.endpointOf(path),
    });
    const api = ticketingApi(await authority.tokenCheck(stage.#behind, introspecting));
    stage.#apiRecorder = await Recorder.open({
      ...shared,
      upstream: apiUpstream(api),
      endpointOf: () => 'api',
    });
    return stage;
  }

  get #behind(): Behind {
    return { origin: this.#recorder.origin, realm: this.realm };
  }

  get endpoints(): Endpoints {
    return this.authority.endpoints(this.#behind);
  }

  /** @throws Error at a server that publishes no metadata. */
  get issuer(): string {
    const { issuer } = this.endpoints;
    if (issuer === undefined) throw new Error(`${this.authority.name} publishes no metadata`);
    return issuer;
  }

  get tokenUrl(): string {
    return this.endpoints.token;
  }

  /** The token endpoint under another path, as the recorder has it. */
  get refreshUrl(): string {
    return this.authority.refreshAlias(this.#behind);
  }

  get apiUrl(): string {
    return this.#apiRecorder.origin;
  }

  /** Another process of the implementation, under umask 000, which no other stage uses at the same time. @throws AdapterBroken */
  startAdapter(): Promise<AdapterProcess> {
    return this.#further.start();
  }

  /** A folder of this stage's own, which goes with it: for token files. */
  async folder(): Promise<string> {
    this.#folder ??= mkdtemp(join(tmpdir(), 'polyglot-tokens-stage-')).then((path) =>
      realpath(path),
    );
    return this.#folder;
  }

  /** Acts at the moment at which the first request that fits arrives, before it is answered. */
  atRequest(fits: (exchange: Exchange) => boolean, act: () => void): void {
    let done = false;
    this.#arrivals.push((exchange) => {
      if (done || !fits(exchange)) return;
      done = true;
      act();
    });
  }

  /**
   * Opens a client and takes whatever comes.
   *
   * @param adapter whose client it is; default: the one that all trials share.
   */
  async tryOpen(
    client: RealmClient | { id: string },
    more: Partial<Config> = {},
    adapter: AdapterProcess = this.adapter,
  ): Promise<{ client: Client; outcome: Result<'client/open'> }> {
    const handle = `client-${++handles}`;
    const discovered = more.issuer !== undefined;
    const { grant } = more;
    const config: Config = {
      ...(grant === undefined ? this.authority.service : { grant }),
      ...(!discovered && { token_url: this.tokenUrl }),
      client_id: client.id,
      ...('secret' in client && { client_secret: client.secret }),
      client_auth: 'post',
      api_url: this.apiUrl,
      ...more,
    };
    const outcome = await adapter.call('client/open', { client: handle, config });
    if (outcome.outcome === 'ok') this.#opened.push({ adapter, client: handle });
    return { client: new Client(adapter, handle, config, this.answers), outcome };
  }

  /** Opens a client for a login, with the scopes of OpenID Connect and endpoints from discovery where the server has these. */
  openLogin(
    client: RealmClient | PublicClient = CLIENTS.native,
    more: Partial<Config> = {},
    adapter?: AdapterProcess,
  ): Promise<Client> {
    const client_auth = 'secret' in client ? 'post' : 'none';
    const login = this.authority.login(this.#behind);
    return this.open(client, { ...login, client_auth, ...more }, adapter);
  }

  /** Opens a client that the case needs. */
  async open(
    client: RealmClient | { id: string },
    more?: Partial<Config>,
    adapter?: AdapterProcess,
  ): Promise<Client> {
    const opened = await this.tryOpen(client, more, adapter);
    needed(opened.outcome, 'an opened client');
    return opened.client;
  }

  /** Milliseconds since the stage was opened, by the clock of its wire. */
  get now(): number {
    return performance.now() - this.#startedAt;
  }

  /** Milliseconds of a time on this stage, from and to as {@link now} counts them, in which the machine stood still. */
  stalledMs(from: number, to: number): number {
    return stalls.within(this.#startedAt + from, this.#startedAt + to);
  }

  /** @param ms milliseconds */
  async pause(ms: number): Promise<void> {
    this.#rest();
    await pause(ms);
  }

  /** A person whom no other trial knows, and who has consented to nothing. */
  newUser(): Promise<RealmUser> {
    return this.authority.newUser(this.realm);
  }

  /** As an administrator, ends the session to which the last issued token belongs. */
  endSession(): Promise<void> {
    return this.authority.endSession(this.#seen);
  }

  /** As an administrator, logs the person out to whom the last token was issued. @throws Error at a server that cannot */
  async logOutPerson(): Promise<void> {
    const { name, logOutPerson } = this.authority;
    if (!logOutPerson) throw new Error(`${name} cannot log a person out`);
    await logOutPerson(this.#seen);
  }

  /** As an administrator, gives the realm another key to sign with. @throws Error at a server that cannot */
  async rotateKeys(): Promise<void> {
    const { name, rotateKeys } = this.authority;
    if (!rotateKeys) throw new Error(`${name} cannot change its keys`);
    await rotateKeys(this.#behind);
  }

  /** As an administrator, lets the last issued access token die before its time. @throws Error at a server that cannot */
  async expireToken(): Promise<void> {
    const { name, expireToken } = this.authority;
    if (!expireToken) throw new Error(`${name} cannot let a token expire`);
    await expireToken(this.#seen);
  }

  /** Asks the third witness, past the wire: whether the server still takes a refresh token. A good one may be spent by that. */
  async takesRefreshToken(refreshToken: string, { id, secret }: RealmClient): Promise<boolean> {
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const { status } = await this.authority.upstream(
      {
        method: 'POST',
        target: new URL(this.tokenUrl).pathname,
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: new URLSearchParams({ ...fields, client_id: id, client_secret: secret }).toString(),
      },
      this.#recorder.origin,
    );
    return status === 200;
  }

  /**
   * Asks the third witness: how many grants without a person, or refreshes, the server remembers.
   *
   * @throws Judgement `contradiction` when the server remembers another number than the wire shows.
   */
  async mustRemember(what: 'grant' | 'refresh', count: number): Promise<void> {
    const remembered = await this.authority.remembered(this.#seen, what);
    agree(remembered === count, `${count} times '${what}' in the server's memory`, remembered);
  }

  get #seen(): Seen {
    return { ...this.#behind, tokenRequests: this.tokenRequests, since: this.#openedAt };
  }

  /** What the adapters have written to standard error since this stage was opened; other trials write to the shared one's too. */
  get stderr(): string {
    return this.adapter.stderrSince(this.#stderrFrom) + this.#further.stderr;
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

  /** What the browser asked the authorization endpoint for: once for each login, though a server may send it there again after its own pages. */
  get authorizationRequests(): Exchange[] {
    const asked = this.wire.filter(
      ({ endpoint, request }) => endpoint === 'authorization' && request.method === 'GET',
    );
    return [
      ...new Map(
        asked.toReversed().map((exchange) => [exchange.request.target, exchange]),
      ).values(),
    ].toReversed();
  }

  get userInfoRequests(): Exchange[] {
    return this.wire.filter(({ endpoint }) => endpoint === 'userinfo');
  }

  get revocations(): Exchange[] {
    return this.wire.filter(({ endpoint }) => endpoint === 'revocation');
  }

  get apiRequests(): Exchange[] {
    return this.wire.filter(({ endpoint }) => endpoint === 'api');
  }

  async close(): Promise<void> {
    // A client that hangs or an adapter that died has been judged already.
    await Promise.allSettled(
      this.#opened.map(({ adapter, client }) => adapter.call('client/close', { client })),
    );
    await this.#further.end();
    if (this.#folder) await removeInUse(await this.#folder);
    this.#recorder.close();
    this.#apiRecorder.close();
  }
}
