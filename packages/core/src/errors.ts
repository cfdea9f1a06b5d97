/** Every way in which getting or using a token can fail; the same words in every language of this project. */
export type ErrorClass =
  | 'config_error'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'access_denied'
  | 'metadata_error'
  | 'invalid_response'
  | 'unauthorized'
  | 'forbidden'
  | 'rate_limited'
  | 'unavailable'
  | 'timeout'
  | 'network'
  | 'tls';

export interface ErrorDetails {
  /** The server's `error` (RFC 6749, section 5.2). */
  readonly oauthError?: string | undefined;
  /** The server's `error_description`, cut and without control characters. */
  readonly oauthDescription?: string | undefined;
  readonly httpStatus?: number | undefined;
}

/**
 * The one error that this package throws. `class` says what to do about it; the message says what was asked, of whom
 * and what came back. It never holds a body, a token or a secret, and has no `cause` that could hold one.
 *
 * @example
 * ```ts
 * try {
 *   await client.getToken();
 * } catch (error) {
 *   if (error instanceof OAuthError && error.class === 'invalid_client') …
 * }
 * ```
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly class: ErrorClass;
  readonly oauthError: string | undefined;
  readonly oauthDescription: string | undefined;
  readonly httpStatus: number | undefined;

  constructor(errorClass: ErrorClass, message: string, details: ErrorDetails = {}) {
    super(message);
    this.class = errorClass;
    this.oauthError = details.oauthError;
    this.oauthDescription = details.oauthDescription;
    this.httpStatus = details.httpStatus;
  }
}
