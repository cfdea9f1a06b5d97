/** Every way in which getting or using a token can fail; the same words in every language of this project. */
export type ErrorClass =
  | 'config_error'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'login_required'
  | 'access_denied'
  | 'state_mismatch'
  | 'issuer_mismatch'
  | 'metadata_error'
  | 'invalid_response'
  | 'invalid_id_token'
  | 'invalid_userinfo'
  | 'unauthorized'
  | 'forbidden'
  | 'rate_limited'
  | 'unavailable'
  | 'timeout'
  | 'network'
  | 'tls';

/** What became of a request. Whether it may be sent again depends on it: a refresh token that reached the server may be spent. */
export type Delivery = 'not_sent' | 'no_answer' | 'answered';

export interface ErrorDetails {
  /** The server's `error` (RFC 6749, section 5.2). */
  readonly oauthError?: string | undefined;
  /** The server's `error_description`, cut and without control characters. */
  readonly oauthDescription?: string | undefined;
  /** The server's `error_uri`, cut and without control characters. It is never fetched. */
  readonly oauthUri?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Seconds after which the server wants to be asked again (RFC 9110, section 10.2.3). */
  readonly retryAfter?: number | undefined;
  /** The scopes that an API asks for, separated by spaces (RFC 6750, section 3). */
  readonly requiredScope?: string | undefined;
  readonly delivery?: Delivery | undefined;
  /** What to do about it, where the server's habits are known. */
  readonly hint?: string | undefined;
}

const RETRYABLE: ReadonlySet<ErrorClass> = new Set([
  'rate_limited',
  'unavailable',
  'timeout',
  'network',
]);

/**
 * What every error of this package is. There is one subclass an {@link ErrorClass}; `class` says the same as a word. The message says what
 * was asked, of whom and what came back. No error ever holds a body, a token or a secret, and none has a `cause` that could hold one.
 *
 * @example
 * ```ts
 * try {
 *   await client.getToken();
 * } catch (error) {
 *   if (error instanceof InvalidClient) console.error('check client id and secret:', error.message);
 *   else throw error;
 * }
 * ```
 */
export abstract class OAuthError extends Error {
  abstract readonly class: ErrorClass;
  readonly oauthError: string | undefined;
  readonly oauthDescription: string | undefined;
  readonly oauthUri: string | undefined;
  readonly httpStatus: number | undefined;
  readonly retryAfter: number | undefined;
  readonly requiredScope: string | undefined;
  readonly delivery: Delivery | undefined;
  readonly hint: string | undefined;

  constructor(message: string, details: ErrorDetails = {}) {
    super(details.hint === undefined ? message : `${message} (${details.hint})`);
    this.name = new.target.name;
    this.oauthError = details.oauthError;
    this.oauthDescription = details.oauthDescription;
    this.oauthUri = details.oauthUri;
    this.httpStatus = details.httpStatus;
    this.retryAfter = details.retryAfter;
    this.requiredScope = details.requiredScope;
    this.delivery = details.delivery;
    this.hint = details.hint;
  }

  /** What it was made with beside the message, for an error that is made out of this one. */
  get details(): ErrorDetails {
    return {
      oauthError: this.oauthError,
      oauthDescription: this.oauthDescription,
      oauthUri: this.oauthUri,
      httpStatus: this.httpStatus,
      retryAfter: this.retryAfter,
      requiredScope: this.requiredScope,
      delivery: this.delivery,
      hint: this.hint,
    };
  }

  /** Whether the same call may succeed later although nobody changes anything. */
  get retryable(): boolean {
    const { class: word, httpStatus = 0 } = this;
    const isOutage = httpStatus >= 500 || httpStatus === 429;
    return RETRYABLE.has(word) || (word === 'metadata_error' && isOutage);
  }
}
