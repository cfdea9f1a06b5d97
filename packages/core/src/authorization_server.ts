import type { ClientCredentials } from './client_authentication.ts';
import { discover, type Metadata } from './discovery.ts';
import { oauthError } from './error_classes.ts';
import { exchange, type Transport } from './exchange.ts';
import type { GrantFields } from './grants/grant.ts';
import type { CheckedSettings } from './settings.ts';
import { SingleFlight } from './single_flight.ts';
import { requestToken } from './token_endpoint.ts';
import type { TokenResponse } from './token_response.ts';

/** The endpoints that a login or a logout may need beside the token endpoint. */
export type FurtherEndpoint =
  'authorizeUrl' | 'jwksUrl' | 'userinfoUrl' | 'revokeUrl' | 'endSessionUrl';

/** The server that issues the tokens, as the settings and its metadata describe it. */
export class AuthorizationServer {
  readonly transport: Transport;
  readonly #settings: CheckedSettings;
  readonly #discovery = new SingleFlight<Metadata>();
  #metadata: Metadata | undefined;

  constructor(settings: CheckedSettings) {
    this.#settings = settings;
    this.transport = (url, init) => exchange(url, init, settings.fetch);
  }

  /** @throws OAuthError */
  async requestToken(grant: GrantFields): Promise<TokenResponse> {
    const { tokenUrl = await this.#tokenUrl(), refreshUrl, tokenParameters, log } = this.#settings;
    const url = grant.grant_type === 'refresh_token' ? (refreshUrl ?? tokenUrl) : tokenUrl;
    const fields = { ...tokenParameters, ...grant };
    return requestToken(url, this.credentials, fields, this.transport, log);
  }

  /** The client's authentication; from metadata, where they are known and the settings are silent. */
  get credentials(): ClientCredentials {
    const { clientId, clientSecret, clientAuth } = this.#settings;
    // They are about the metadata's own token endpoint; and whether they are known yet must not decide.
    const methods = this.#settings.tokenUrl ? undefined : this.#metadata?.clientAuthMethods;
    // Basic is what a server supports that does not say (RFC 8414, section 2).
    const otherwise = methods && !methods.includes('client_secret_basic') ? 'post' : 'basic';
    return { clientId, clientSecret, method: clientAuth ?? otherwise };
  }

  /** @returns `undefined` where neither the settings nor the metadata have it. */
  async endpoint(name: FurtherEndpoint): Promise<URL | undefined> {
    return this.#settings[name] ?? (await this.metadata())?.[name];
  }

  /** @throws OAuthError `config_error` where neither the settings nor the metadata have it. */
  async requiredEndpoint(name: FurtherEndpoint): Promise<URL> {
    const url = await this.endpoint(name);
    if (url) return url;
    const where = this.#settings.issuer ? ", and the issuer's metadata have none" : '';
    throw oauthError('config_error', `settings: ${name} is missing${where}`);
  }

  /** Fetched once; a failure is not remembered. @returns `undefined` without an issuer. */
  async metadata(): Promise<Metadata | undefined> {
    const { issuer, wellKnown } = this.#settings;
    if (issuer === undefined) return undefined;
    this.#metadata ??= await this.#discovery.run(() => discover(issuer, this.transport, wellKnown));
    return this.#metadata;
  }

  async #tokenUrl(): Promise<URL> {
    const url = (await this.metadata())?.tokenUrl;
    if (url) return url;
    throw oauthError(
      'metadata_error',
      `the metadata of ${this.#settings.issuer} have no token_endpoint`,
    );
  }
}
