import type { Clock } from './clock.ts';
import { ConfigError, oauthError } from './error_classes.ts';
import { OAuthError } from './errors.ts';
import type { Grant, GrantFields } from './grants/grant.ts';
import { recordOf } from './refresh_token.ts';
import { MemoryStore } from './store/memory_store.ts';
import type { StoredTokens, TokenStore, Versioned } from './store/token_store.ts';
import { Token } from './token.ts';
import type { TokenResponse } from './token_response.ts';

export interface RenewalParts {
  readonly store: TokenStore;
  readonly key: string;
  readonly clock: Clock;
  readonly grant: Grant;
  /** Scopes that the grant asks for. */
  readonly scope: string | undefined;
  /** One token request. @param previous what is refreshed */
  readonly request: (fields: GrantFields, previous?: StoredTokens) => Promise<TokenResponse>;
  readonly log: (line: string) => void;
  /** Is told what somebody should know who does not read the log: what stays in memory alone. */
  readonly warn: (line: string) => void;
}

/** What this client works on. */
interface Held extends Versioned {
  /** Whether nobody else can be at work with it. */
  readonly isLeased: boolean;
  /** Whether this client could not store it: nobody else knows it. */
  readonly isUnsaved: boolean;
}

/** What a gateway says that has no answer of the server (RFC 9110, sections 15.6.3 and 15.6.5). */
const OF_GATEWAYS: ReadonlySet<number> = new Set([502, 504]);

/**
 * Gets the next token: one that another process has stored, else by the refresh token, else by the grant. All of it happens within the
 * store's lease, so that a refresh token is never sent twice at the same time; a rotated one is stored before the new access token is used.
 */
export class Renewal {
  readonly #parts: RenewalParts;
  /** Whose lease stands in for the store's. */
  #own: MemoryStore | undefined;
  /** What could not be stored, and what stood there instead. */
  #unsaved: Versioned | undefined;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /**
   * @param current the caller's token; a different one in the store is newer.
   * @param force not to take a stored one when there is no current one.
   * @param minValidity seconds that a stored one must still live.
   * @throws OAuthError
   */
  async run(current: Token | undefined, force: boolean, minValidity = 0): Promise<Token> {
    const { grant } = this.#parts;
    return this.#leased((held) => {
      const { tokens } = held;
      const stored = tokens && new Token(tokens, this.#parts.clock);
      const newer = stored?.accessToken.reveal() !== current?.accessToken.reveal();
      const takeable = newer && (current !== undefined || !force);
      if (stored && takeable && stored.isFit(minValidity)) return Promise.resolve(stored);
      // Another process may be at work with a refresh token that is stored.
      const mayRefresh = held.isLeased || held.isUnsaved;
      if (tokens && stored?.canRefresh && mayRefresh) return this.#refresh(tokens, held);
      // A store that has never worked is a wrong setting.
      const mayStartOver = mayRefresh || (current !== undefined && !grant.needsPerson);
      return mayStartOver ? this.#startOver(held) : undefined;
    });
  }

  /** Stores what a login has brought. Its code is spent: a store that is full must not cost the login too. */
  async accept(response: TokenResponse, sentAt: number): Promise<Token> {
    return this.#leased((held) => this.#keep(response, sentAt, {}, this.#parts.scope, held));
  }

  /**
   * Runs work on what is stored, within the store's lease; or without it, where there is none to be had, as with a full disk.
   *
   * @param work gives `undefined` for what must not be done without the lease.
   */
  async #leased<Result>(work: (held: Held) => Promise<Result> | undefined): Promise<Result> {
    const { store, key, warn } = this.#parts;
    let isLeased = false;
    const run = async () => work(this.#newest(await store.load(key), isLeased));
    try {
      return (await store.lease(key, async () => {
        isLeased = true;
        return run();
      })) as Result;
    } catch (error) {
      if (isLeased || !(error instanceof OAuthError) || error.class !== 'config_error') throw error;
      const done = await this.#alone(run);
      if (done === undefined) throw error;
      warn(`going on without the store: ${error.message}`);
      return done;
    }
  }

  /** What is stored, fit or not. */
  async stored(): Promise<Token | undefined> {
    const { store, key, clock } = this.#parts;
    const { tokens } = this.#newest(await store.load(key), false);
    return tokens && new Token(tokens, clock);
  }

  /**
   * Removes what is stored, as after a logout; if that cannot be, this client takes it for removed. Never rejects.
   *
   * @returns what it was, which may be newer than what this client has at hand; and why it is still stored, if it is.
   */
  async forget(): Promise<{ readonly token?: Token | undefined; readonly trouble?: unknown }> {
    const { store, key, clock } = this.#parts;
    const asToken = ({ tokens }: Held) => tokens && new Token(tokens, clock);
    const remove = async (isLeased: boolean) => {
      const held = this.#newest(await store.load(key), isLeased);
      const { isUnsaved } = await this.#save(undefined, held);
      const trouble = isUnsaved ? new ConfigError('the stored tokens are not removed') : undefined;
      return { token: asToken(held), trouble };
    };
    try {
      return await store.lease(key, () => remove(true));
    } catch (trouble) {
      const { token } = await this.#alone(() => remove(false)).catch(() => ({ token: undefined }));
      return { token, trouble };
    }
  }

  /** Without the store's lease, there is this client's own. */
  #alone<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#own ??= new MemoryStore();
    return this.#own.lease('', work);
  }

  async #startOver(held: Held): Promise<Token> {
    const { grant, scope, request } = this.#parts;
    const fields = grant.fields();
    const sentAt = this.#seconds();
    return this.#keep(await request(fields), sentAt, {}, scope, held);
  }

  /** RFC 6749, section 6. Without `scope` the refreshed token may do what the first one might. */
  async #refresh(tokens: StoredTokens, held: Held): Promise<Token> {
    const { log, request } = this.#parts;
    if (tokens.refresh_sent_at !== undefined) {
      log('a refresh was sent before whose answer nobody has seen: the refresh token may be spent');
    }
    const sentAt = this.#seconds();
    const marked = await this.#save({ ...tokens, refresh_sent_at: sentAt }, held);
    if (marked.tokens?.refresh_sent_at !== sentAt) return this.#theirs(marked);
    try {
      const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token };
      return await this.#keep(await request(fields, tokens), sentAt, tokens, tokens.scope, marked);
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      if (error.class === 'invalid_grant') {
        return this.#startOverAfter(error, await this.#save(undefined, marked));
      }
      // What was not sent, or refused, has not spent the refresh token. Without an answer of the server's own, or with one that is of no use,
      // nobody knows: the mark stays.
      const { delivery, httpStatus = 0 } = error;
      const isOwnAnswer = httpStatus >= 400 && !OF_GATEWAYS.has(httpStatus);
      // Without metadata nobody knew where to send it.
      const isUnsent = delivery === 'not_sent' || error.class === 'metadata_error';
      if (delivery !== 'no_answer' && (isUnsent || isOwnAnswer)) {
        await this.#save({ ...tokens, refresh_sent_at: undefined }, marked);
      }
      throw error;
    }
  }

  /** Somebody else has stored tokens in spite of the lease: what was to be sent may be spent. */
  #theirs({ tokens }: Held): Token {
    const token = tokens && new Token(tokens, this.#parts.clock);
    if (token?.isFit()) return token;
    throw oauthError('unavailable', 'somebody else is renewing the stored tokens: try again');
  }

  async #startOverAfter(refusal: OAuthError, held: Held): Promise<Token> {
    try {
      return await this.#startOver(held);
    } catch (error) {
      if (!(error instanceof OAuthError && error.class === 'login_required')) throw error;
      throw oauthError('login_required', `${error.message}; ${refusal.message}`, {
        ...refusal.details,
        hint: undefined,
      });
    }
  }

  async #keep(
    response: TokenResponse,
    sentAt: number,
    current: Partial<StoredTokens>,
    scope: string | undefined,
    held: Held,
  ): Promise<Token> {
    const record = recordOf(response, sentAt, current, scope);
    await this.#save(record, held);
    return new Token(record, this.#parts.clock);
  }

  /** Never fails: the token is good, and asking for another one would not make the store any better. */
  async #save(tokens: StoredTokens | undefined, held: Held): Promise<Held> {
    const { store, key, log, warn } = this.#parts;
    const { isLeased } = held;
    const unsaved = { tokens, version: held.version };
    if (!isLeased) {
      this.#unsaved = unsaved;
      return this.#newest(held, isLeased);
    }
    this.#unsaved = undefined;
    try {
      const version = await store.save(key, tokens, held.version);
      if (version !== undefined) return { tokens, version, isLeased, isUnsaved: false };
      log('somebody has stored other tokens although this client has the lease: theirs stay');
      return this.#newest(await store.load(key), isLeased);
    } catch (error) {
      const what = tokens ? 'the token is not stored' : 'the stored token is not removed';
      warn(`${what}: ${error instanceof Error ? error.message : String(error)}`);
      this.#unsaved = unsaved;
      return this.#newest(held, isLeased);
    }
  }

  #newest({ tokens, version }: Versioned, isLeased: boolean): Held {
    const unsaved = this.#unsaved?.version === version ? this.#unsaved : undefined;
    return { tokens, version, ...unsaved, isLeased, isUnsaved: unsaved !== undefined };
  }

  #seconds(): number {
    return this.#parts.clock.wall() / 1000;
  }
}
