import { asksForIdToken } from './authorization_code/authorization_request.ts';
import { openBrowser } from './authorization_code/browser.ts';
import { Login } from './authorization_code/login.ts';
import type { AuthorizationServer } from './authorization_server.ts';
import { oauthError } from './error_classes.ts';
import type { GrantFields } from './grants/grant.ts';
import { INSPECT, type Inspecting } from './inspection.ts';
import type { OpenIdProvider } from './openid/openid_provider.ts';
import type { CheckedSettings } from './settings.ts';
import type { Token } from './token.ts';
import type { TokenResponse } from './token_response.ts';

export interface LoginOptions {
  /** Further parameters of the authorization request, such as `prompt` or `login_hint`. After `max_age`, the ID token has to say when the person logged in. */
  readonly parameters?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds that the browser is waited for. Default 300000. */
  readonly timeLimitMs?: number | undefined;
  /** Ends the login, and closes its port. */
  readonly signal?: AbortSignal | undefined;
}

export interface LoginParts {
  readonly server: AuthorizationServer;
  readonly openid: () => Promise<OpenIdProvider>;
  readonly settings: CheckedSettings;
  /** Stores what the login has brought. @param sentAt seconds since 1970 */
  readonly accept: (response: TokenResponse, sentAt: number) => Promise<Token>;
}

/** A login that waits for the person. */
export class PendingLogin {
  readonly #parts: LoginParts;
  readonly #login: Login;
  readonly #options: LoginOptions;
  readonly #abort = (): void => void this.cancel();

  constructor(parts: LoginParts, login: Login, options: LoginOptions) {
    this.#parts = parts;
    this.#login = login;
    this.#options = options;
    options.signal?.addEventListener('abort', this.#abort);
  }

  /** Where the person has to go. */
  get authorizationUrl(): URL {
    return this.#login.authorizationUrl;
  }

  /** Opens the system's browser there. @returns whether there is one */
  openBrowser(): Promise<boolean> {
    return openBrowser(this.authorizationUrl);
  }

  /**
   * Waits for the person, redeems the code (RFC 6749, section 4.1.3) and verifies the ID token. Possible once.
   *
   * @param callbackUrl where the browser was sent back to, if the person brings it; else the loopback listener is waited for.
   * @throws OAuthError
   */
  async finish(
    callbackUrl?: string | URL,
    options: { signal?: AbortSignal | undefined } = {},
  ): Promise<Token> {
    // From now on the signal ends the waiting, and says why.
    this.#forgetSignal();
    this.#options.signal?.throwIfAborted();
    const signals = [this.#options.signal, options.signal].filter((signal) => signal !== undefined);
    const { code, redirectUri, verifier, nonce } = await this.#login.finish(callbackUrl, {
      signal: AbortSignal.any(signals),
    });
    const { server, accept, openid, settings } = this.#parts;
    const fields: GrantFields = {
      grant_type: 'authorization_code',
      code: code.reveal(),
      redirect_uri: redirectUri,
      code_verifier: verifier.reveal(),
    };
    const sentAt = Date.now() / 1000;
    const response = await server.requestToken(fields);
    // A response whose ID token is refused is not used in any part (OpenID Connect Core 1.0, section 3.1.3.5).
    // One that nobody asked for is stored too, and its subject believed later.
    const unasked = response.idToken !== undefined && settings.issuer !== undefined;
    const maxAge = secondsOf(this.#options.parameters?.['max_age']);
    if (nonce || unasked) await (await openid()).verify(response, { nonce, maxAge });
    return accept(response, sentAt);
  }

  /** Gives up. */
  async cancel(): Promise<void> {
    this.#forgetSignal();
    await this.#login.cancel();
  }

  #forgetSignal(): void {
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  [INSPECT](...[, options, show]: Inspecting): string {
    return `Pending${show(this.#login, options)}`;
  }
}

/** @throws OAuthError `config_error`; what discovery throws. */
export async function beginLogin(parts: LoginParts, options: LoginOptions): Promise<PendingLogin> {
  const { parameters, timeLimitMs, signal } = options;
  const { server, settings } = parts;
  const { issuer, clientId, scope, redirectPort } = settings;
  if (asksForIdToken(scope) && issuer === undefined) {
    const why = 'settings: issuer is missing, without it no ID token can be verified';
    throw oauthError('config_error', `${why}; or leave openid out of the scope`);
  }
  const authorizationEndpoint = await server.requiredEndpoint('authorizeUrl');
  const issuerRequired = (await server.metadata())?.issuerInCallback ?? false;
  signal?.throwIfAborted();
  const login = await Login.begin({
    authorizationEndpoint,
    issuer,
    issuerRequired,
    clientId,
    scope,
    redirectPort,
    extra: parameters,
    timeLimitMs,
  });
  const pending = new PendingLogin(parts, login, options);
  if (signal?.aborted) {
    await pending.cancel();
    signal.throwIfAborted();
  }
  return pending;
}

/** OpenID Connect Core 1.0, section 3.1.2.1. What is no number of seconds, the server refuses. */
function secondsOf(maxAge: string | undefined): number | undefined {
  return maxAge !== undefined && /^\d+$/.test(maxAge) ? Number(maxAge) : undefined;
}
