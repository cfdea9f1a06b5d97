import { abortable } from './abortable.ts';
import { AuthorizationServer } from './authorization_server.ts';
import { systemClock } from './clock.ts';
import { CoolDown } from './cool_down.ts';
import { grantOf } from './grants/index.ts';
import { accepted, canRepeat, discard, refusesToken, sendWithToken } from './protected_resource.ts';
import { protectedUrl } from './protected_url.ts';
import type { GrantFields } from './grants/grant.ts';
import { oauthError } from './error_classes.ts';
import { OAuthError } from './errors.ts';
import { INSPECT, type Inspecting } from './inspection.ts';
import type { UserInfoClaims } from './openid/claims.ts';
import type { OpenIdProvider } from './openid/openid_provider.ts';
import type { LogoutOptions } from './logout.ts';
import type { LoginOptions, PendingLogin } from './pending_login.ts';
import { Renewal } from './renewal.ts';
import { type CheckedSettings, checkSettings, type Settings } from './settings.ts';
import { MemoryStore } from './store/memory_store.ts';
import { type StoredTokens, storeKey } from './store/token_store.ts';
import type { Token } from './token.ts';
import { TokenLife } from './token_life.ts';
import type { TokenResponse } from './token_response.ts';

export interface GetTokenOptions {
  /** Seconds that the token must still live. Default 0; the margin for renewing comes on top where it is larger. */
  readonly minValidity?: number | undefined;
  /** Renew although the token is still fit. */
  readonly forceRefresh?: boolean | undefined;
  /** Ends this caller's waiting, and nobody else's. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Keeps one token: gets it, renews it when it is due, uses it.
 *
 * @example
 * ```ts
 * const client = new TokenClient(settingsFromEnvironment());
 * const response = await client.fetch('v1/ticketing/catalogs/');
 * ```
 */
export class TokenClient {
  readonly #life: TokenLife;
  readonly #settings: CheckedSettings;
  readonly #server: AuthorizationServer;
  readonly #renewal: Renewal;
  #openid: Promise<OpenIdProvider> | undefined;

  /** @throws OAuthError `config_error`. Nothing is sent yet. */
  constructor(settings: Settings) {
    this.#settings = checkSettings(settings);
    const { server, clientId, scope, tokenParameters, store, log } = this.#settings;
    this.#server = new AuthorizationServer(this.#settings);
    const grant = grantOf(this.#settings);
    this.#renewal = new Renewal({
      store: store ?? new MemoryStore(),
      key: storeKey({
        server,
        clientId,
        grant: grant.name,
        user: grant.user,
        scope,
        parameters: tokenParameters,
      }),
      clock: systemClock,
      grant,
      scope,
      request: (fields, previous) => this.#request(fields, previous),
      log,
      warn,
    });
    this.#life = new TokenLife(
      (...asked) => this.#renewal.run(...asked),
      new CoolDown(systemClock),
      systemClock,
    );
  }

  /**
   * A token that is fit for use: the one at hand, or a renewed one (RFC 6749, section 6). Callers that come together share one renewal.
   *
   * @example
   * ```ts
   * const client = new TokenClient(settingsFromEnvironment());
   * const token = await client.getToken({ minValidity: 60 });
   * console.log(token.scope, token.expiresIn);
   * ```
   * @throws OAuthError whose `class` says what to do: `login_required` where a person has to log in, `retryable` where it may work later.
   */
  getToken({
    minValidity = 0,
    forceRefresh = false,
    signal,
  }: GetTokenOptions = {}): Promise<Token> {
    return abortable(this.#life.get(minValidity, forceRefresh), signal);
  }

  /**
   * The token at hand if it is fit for use, without a promise: for HTTP clients of one's own that ask before every request.
   *
   * @returns `undefined` where {@link getToken} would have to wait.
   */
  freshToken(): Token | undefined {
    return this.#life.fresh();
  }

  /**
   * The token that is kept, fit or not, without asking any server.
   *
   * @returns `undefined` where none is kept.
   * @throws OAuthError `config_error` from a store that cannot be read.
   */
  async storedToken(): Promise<Token | undefined> {
    return this.#life.token ?? (await this.#renewal.stored());
  }

  /**
   * `fetch` with a token. Redirects are returned, not followed. After a 401 the token is renewed once and the request repeated
   * once (RFC 6750, section 3.1), if its body can be sent again. An answer has to begin within 30 s.
   *
   * @param input a URL of the configured API, or one relative to it.
   * @throws OAuthError `unauthorized` after a second 401, `forbidden` after a 403, and what {@link getToken} throws; what the platform's `fetch`
   *   throws of a request that it does not make, and the signal's reason.
   */
  async fetch(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = protectedUrl(input, this.#settings);
    const send = (token: Token) => sendWithToken(url, init, token, this.#settings.fetch);
    const signal = init.signal ?? undefined;
    const token = await this.getToken({ signal });
    const response = await send(token);
    if (!refusesToken(response)) {
      this.#life.worked(token);
      return accepted(response, url, init, token);
    }
    if (!canRepeat(init)) {
      this.#life.refuse(token);
      return accepted(response, url, init, token);
    }
    await discard(response);
    const renewed = await abortable(this.#life.replace(token), signal);
    if (!renewed) return accepted(response, url, init, token);
    const repeated = await send(renewed);
    if (refusesToken(repeated)) this.#life.refusedAgain(renewed);
    else this.#life.worked(renewed);
    return accepted(repeated, url, init, renewed);
  }

  /**
   * For HTTP clients of one's own, after a 401: the token with which to repeat the request once. It is a newer one if somebody else has renewed it
   * already, so that a thousand refused requests make one renewal.
   *
   * @param refused the token that the request was sent with.
   * @param again whether it had come from this method: then renewing does not seem to help, and is not tried again for it within a minute.
   * @returns `undefined` where renewing has not helped in the last minute.
   * @throws OAuthError what {@link getToken} throws.
   */
  async replaceToken(refused: Token, again = false): Promise<Token | undefined> {
    if (again) this.#life.refusedAgain(refused);
    return again ? undefined : this.#life.replace(refused);
  }

  /** For HTTP clients of one's own, after any other answer of an API. Whoever does not say so gets fewer renewals in the minute after a 401. */
  acceptedToken(token: Token): void {
    this.#life.worked(token);
  }

  /**
   * Begins a login (RFC 6749, section 4.1, with PKCE). Nothing opens a browser but {@link PendingLogin.openBrowser}.
   *
   * @example
   * ```ts
   * const login = await client.startLogin();
   * console.log(`Log in at ${login.authorizationUrl.href}`);
   * await login.openBrowser();
   * await login.finish();
   * ```
   * @throws OAuthError `config_error`, and what discovery throws.
   */
  async startLogin(options: LoginOptions = {}): Promise<PendingLogin> {
    // A store that cannot be read is told before the person logs in.
    await this.#renewal.stored();
    const { beginLogin } = await import('./pending_login.ts');
    const parts = {
      server: this.#server,
      settings: this.#settings,
      openid: () => this.#openidProvider(),
      accept: async (response: TokenResponse, sentAt: number) =>
        this.#life.accept(await this.#renewal.accept(response, sentAt)),
    };
    return beginLogin(parts, options);
  }

  /**
   * What UserInfo says about the user who logged in (OpenID Connect Core 1.0, section 5.3).
   *
   * @throws OAuthError `invalid_userinfo` if it is about somebody else; `config_error` without an ID token; what {@link getToken} throws.
   */
  async userInfo(): Promise<UserInfoClaims> {
    const token = await this.getToken();
    return (await this.#openidProvider()).userInfo(token);
  }

  /**
   * Forgets the tokens, here and in the store, and then revokes them at the server (RFC 7009): whatever becomes of that, this client is logged out.
   *
   * @example
   * ```ts
   * const client = new TokenClient(settingsFromEnvironment());
   * const endOfSession = await client.logout();
   * if (endOfSession) console.log(`Visit ${endOfSession.href}`);
   * ```
   * @returns where the browser ends the session at the server too (OpenID Connect RP-Initiated Logout 1.0), if the server says where.
   * @throws OAuthError if revoking fails: then the tokens may still be good. If the store could not be reached, that, once they are revoked.
   */
  async logout(options: LogoutOptions = {}): Promise<URL | undefined> {
    const atHand = this.#life.token;
    this.#life.forget();
    // Another process may have renewed it, or this one just now.
    const { token, trouble } = await this.#renewal.forget();
    // What came for those who asked meanwhile goes as well.
    this.#life.forget();
    const { endLogin } = await import('./logout.ts');
    const url = await endLogin(this.#server, [token, atHand], options);
    if (trouble) throw trouble;
    return url;
  }

  async #request(fields: GrantFields, previous?: StoredTokens): Promise<TokenResponse> {
    const response = await this.#server.requestToken(fields);
    // A service has no user, and nothing reads its ID token.
    const isLogin = this.#settings.grant !== 'client_credentials';
    if (isLogin && response.idToken !== undefined && this.#settings.issuer !== undefined) {
      const openid = await this.#openidProvider();
      await openid.verify(response, { previous: previous?.id_token }).catch(afterAnswer);
    }
    return response;
  }

  #openidProvider(): Promise<OpenIdProvider> {
    this.#openid ??= import('./openid/openid_provider.ts').then(
      ({ OpenIdProvider: Provider }) => new Provider(this.#server, this.#settings),
    );
    return this.#openid;
  }

  /** Whether a URL is one that may get the token. */
  isProtected(url: URL): boolean {
    return this.#settings.apiOrigins.has(url.origin);
  }

  [INSPECT](...[, options, show]: Inspecting): string {
    const { clientId } = this.#settings;
    return `TokenClient ${show({ clientId, token: this.#life.token }, options)}`;
  }
}

function warn(line: string): void {
  process.emitWarning(line, 'TokenStoreWarning');
}

/** Keys that cannot be had, say: whatever it is, the server has answered, and the refresh token may be spent. */
function afterAnswer(error: unknown): never {
  if (!(error instanceof OAuthError)) throw error;
  throw oauthError(error.class, error.message, {
    ...error.details,
    hint: undefined,
    delivery: 'no_answer',
  });
}
