import { oauthError } from '../error_classes.ts';
import { INSPECT, type Inspecting } from '../inspection.ts';
import { Secret } from '../secret.ts';
import { asksForIdToken, authorizationUrl } from './authorization_request.ts';
import { type ExpectedCallback, readCallback } from './authorization_response.ts';
import { LoopbackListener } from './loopback_listener.ts';
import { newVerifier, s256Challenge } from './pkce.ts';
import { unguessable } from './unguessable.ts';

export interface LoginOptions {
  readonly authorizationEndpoint: URL;
  /** Issuer of the server; undefined where none is configured. */
  readonly issuer: string | undefined;
  /** The metadata's `authorization_response_iss_parameter_supported` (RFC 9207, section 3). */
  readonly issuerRequired: boolean;
  readonly clientId: string;
  /** Scopes, separated by spaces. */
  readonly scope?: string | undefined;
  /** Port of the redirect URI on 127.0.0.1. Default: any free one. */
  readonly redirectPort?: number | undefined;
  /** Path of the redirect URI, and its query if it has one. Default `/callback`. */
  readonly redirectPath?: string | undefined;
  /** Further parameters of the request, such as `prompt` or `login_hint`. */
  readonly extra?: Readonly<Record<string, string | undefined>> | undefined;
  /** Milliseconds that the listener waits for the browser, from the beginning of the login. Default 300000. */
  readonly timeLimitMs?: number | undefined;
}

/** What the token request needs (RFC 6749, section 4.1.3; RFC 7636, section 4.5). It prints without its secrets. */
export interface FinishedLogin {
  readonly code: Secret;
  /** The very text of the request. */
  readonly redirectUri: string;
  readonly verifier: Secret;
  /** What the ID token has to hold; undefined unless the scope holds `openid`. */
  readonly nonce: Secret | undefined;
}

/**
 * One attempt to log a person in with the authorization code grant (RFC 6749, section 4.1) and PKCE. Its `state`, verifier and nonce
 * are made here and never used for another one.
 *
 * @example
 * ```ts
 * const login = await Login.begin(options);
 * console.log(`Open ${login.authorizationUrl.href}`);
 * const { code, redirectUri, verifier, nonce } = await login.finish();
 * ```
 */
export class Login {
  readonly #listener: LoopbackListener;
  readonly #authorizationUrl: URL;
  readonly #expected: ExpectedCallback;
  readonly #verifier: Secret;
  readonly #nonce: Secret | undefined;
  #ended = false;

  private constructor(
    options: LoginOptions,
    listener: LoopbackListener,
    expected: ExpectedCallback,
  ) {
    const verifier = newVerifier();
    const nonce = asksForIdToken(options.scope) ? unguessable() : undefined;
    this.#listener = listener;
    this.#expected = expected;
    this.#verifier = new Secret(verifier);
    this.#nonce = nonce === undefined ? undefined : new Secret(nonce);
    this.#authorizationUrl = authorizationUrl(options.authorizationEndpoint, {
      clientId: options.clientId,
      redirectUri: listener.redirectUri,
      scope: options.scope,
      state: expected.state,
      nonce,
      challenge: s256Challenge(verifier),
      extra: options.extra,
    });
  }

  /**
   * Starts to listen for the callback. Nothing is sent, and no browser is opened.
   *
   * @throws OAuthError `config_error`: a busy port, a wrong path, a wrong time limit, or an extra parameter that is the login's own.
   */
  static async begin(options: LoginOptions): Promise<Login> {
    const { issuer, issuerRequired, redirectPort, redirectPath, timeLimitMs = 300_000 } = options;
    const expected = { state: unguessable(), issuer, issuerRequired };
    const listener = await LoopbackListener.start({
      expected,
      port: redirectPort,
      path: redirectPath,
      timeLimitMs,
    });
    try {
      return new Login(options, listener, expected);
    } catch (error) {
      await listener.close();
      throw error;
    }
  }

  /** Where to send the person. It shows `state` and nonce, so it belongs on their screen and not into a log. */
  get authorizationUrl(): URL {
    return new URL(this.#authorizationUrl);
  }

  get redirectUri(): string {
    return this.#listener.redirectUri;
  }

  /** Undefined unless the scope holds `openid`. */
  get nonce(): Secret | undefined {
    return this.#nonce;
  }

  /**
   * Ends the login with the browser's answer, and closes the port. Possible once, however it ends: a code must not be redeemed twice
   * (RFC 6749, section 4.1.2), and a new attempt takes a new verifier.
   *
   * @param callbackUrl the address that the browser was sent back to, where a person brings it. Without it the listener is waited for.
   * @param options.signal ends the login.
   * @throws OAuthError what {@link readCallback} throws; `timeout` when nobody came back; `login_required` when the login had ended
   *   before; the signal's reason when it aborts.
   */
  async finish(
    callbackUrl?: string | URL,
    { signal }: { signal?: AbortSignal | undefined } = {},
  ): Promise<FinishedLogin> {
    if (this.#ended) throw oauthError('login_required', 'this login has ended; begin a new one');
    this.#ended = true;
    const code =
      callbackUrl === undefined
        ? await this.#listener.wait({ signal })
        : await this.#read(callbackUrl, signal);
    return {
      code: new Secret(code),
      redirectUri: this.redirectUri,
      verifier: this.#verifier,
      nonce: this.#nonce,
    };
  }

  /** Gives the login up and closes the port. Who waits in {@link finish} gets `login_required`. */
  async cancel(): Promise<void> {
    this.#ended = true;
    await this.#listener.close();
  }

  async #read(callbackUrl: string | URL, signal: AbortSignal | undefined): Promise<string> {
    try {
      signal?.throwIfAborted();
      const url = URL.parse(callbackUrl instanceof URL ? callbackUrl.href : callbackUrl.trim());
      // It is not quoted: a code may be in it.
      if (!url) throw oauthError('invalid_response', 'the callback is not a URL');
      return readCallback(url, this.#expected);
    } finally {
      await this.#listener.close();
    }
  }

  [INSPECT](...[, options, show]: Inspecting): string {
    const { origin, pathname } = this.#authorizationUrl;
    const { redirectUri } = this;
    return `Login ${show({ authorizationEndpoint: `${origin}${pathname}`, redirectUri }, options)}`;
  }
}
