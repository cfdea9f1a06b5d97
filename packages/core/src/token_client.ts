import { inspect } from 'node:util';
import type { ClientCredentials } from './client_authentication.ts';
import { discover, type Metadata } from './discovery.ts';
import { OAuthError } from './errors.ts';
import { accepted, canRepeat, protectedUrl, sendWithToken } from './protected_resource.ts';
import { nextRefreshToken, type RefreshToken } from './refresh_token.ts';
import { type CheckedSettings, checkSettings, type Settings } from './settings.ts';
import { SingleFlight } from './single_flight.ts';
import { scopeList, Token } from './token.ts';
import { type GrantFields, requestToken } from './token_endpoint.ts';

export interface GetTokenOptions {
  /** Seconds that the token must still live. Default 0; the margin for renewing comes on top where it is larger. */
  readonly minValidity?: number | undefined;
  /** Renew although the token is still fit. */
  readonly forceRefresh?: boolean | undefined;
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
  readonly #settings: CheckedSettings;
  readonly #renewal = new SingleFlight<Token>();
  #metadata: Metadata | undefined;
  #token: Token | undefined;
  #refreshToken: RefreshToken | undefined;

  /** @throws OAuthError `config_error`. Nothing is sent yet. */
  constructor(settings: Settings) {
    this.#settings = checkSettings(settings);
  }

  /**
   * A token that is fit for use: the one at hand, or a renewed one. Callers that come together share one renewal.
   *
   * @throws OAuthError
   */
  async getToken({ minValidity = 0, forceRefresh = false }: GetTokenOptions = {}): Promise<Token> {
    if (this.#token?.isFit(minValidity) && !forceRefresh) return this.#token;
    return this.#renewal.run(() => this.#renew());
  }

  /**
   * `fetch` with a token. Redirects are returned, not followed. After a 401 the token is renewed once and the request repeated
   * once (RFC 6750, section 3.1).
   *
   * @param input a URL of the configured API, or one relative to it.
   * @throws OAuthError `unauthorized` after a second 401, `forbidden` after a 403, and what {@link getToken} throws.
   */
  async fetch(input: string | URL, init: RequestInit = {}): Promise<Response> {
    const url = protectedUrl(input, this.#settings.apiUrl);
    const token = await this.getToken();
    const response = await sendWithToken(url, init, token);
    if (response.status !== 401 || !canRepeat(init)) return accepted(response, url, init);
    await response.body?.cancel();
    // Another caller may have renewed it meanwhile: only the token that was refused is worth replacing.
    const renewed = await this.getToken({ forceRefresh: token === this.#token });
    return accepted(await sendWithToken(url, init, renewed), url, init);
  }

  async #renew(): Promise<Token> {
    if (this.#refreshToken?.isUsable) {
      try {
        return await this.#refresh(this.#refreshToken);
      } catch (error) {
        if (!(error instanceof OAuthError && error.class === 'invalid_grant')) throw error;
        this.#refreshToken = undefined;
      }
    }
    return this.#clientCredentials();
  }

  /** RFC 6749, section 4.4. */
  async #clientCredentials(): Promise<Token> {
    const { scope } = this.#settings;
    this.#refreshToken = undefined;
    return this.#accept({ grant_type: 'client_credentials', scope }, scopeList(scope ?? ''));
  }

  /** RFC 6749, section 6. Without `scope` the refreshed token may do what the first one might. */
  async #refresh({ secret }: RefreshToken): Promise<Token> {
    const granted = this.#token?.scope ?? [];
    return this.#accept({ grant_type: 'refresh_token', refresh_token: secret.reveal() }, granted);
  }

  async #accept(grant: GrantFields, scope: readonly string[]): Promise<Token> {
    const tokenUrl = this.#settings.tokenUrl ?? (await this.#discovered()).tokenUrl;
    const url =
      grant.grant_type === 'refresh_token' ? (this.#settings.refreshUrl ?? tokenUrl) : tokenUrl;
    const sentAt = performance.now();
    const response = await requestToken(url, this.#credentials(), grant, this.#settings.log);
    this.#refreshToken = nextRefreshToken(response, sentAt, this.#refreshToken);
    this.#token = new Token(response, sentAt, this.#refreshToken, scope);
    return this.#token;
  }

  async #discovered(): Promise<Metadata> {
    this.#metadata ??= await discover(this.#settings.issuer ?? '');
    return this.#metadata;
  }

  #credentials(): ClientCredentials {
    const { clientId, clientSecret, clientAuth } = this.#settings;
    const methods = this.#metadata?.clientAuthMethods;
    // Basic is what a server supports that does not say (RFC 8414, section 2).
    const otherwise = methods && !methods.includes('client_secret_basic') ? 'post' : 'basic';
    return { clientId, clientSecret, method: clientAuth ?? otherwise };
  }

  [inspect.custom](): string {
    return `TokenClient ${inspect({ clientId: this.#settings.clientId, token: this.#token })}`;
  }
}
