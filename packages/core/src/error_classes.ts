import { type ErrorClass, type ErrorDetails, OAuthError } from './errors.ts';

/** Settings are missing, wrong or contradictory, or the server takes the request for malformed. */
export class ConfigError extends OAuthError {
  readonly class = 'config_error';
}
/** Client authentication failed, or the client may not do this (RFC 6749, section 5.2). */
export class InvalidClient extends OAuthError {
  readonly class = 'invalid_client';
}
/** The code, the refresh token or the user's credentials are refused (RFC 6749, section 5.2). */
export class InvalidGrant extends OAuthError {
  readonly class = 'invalid_grant';
}
/** The scope is unknown or not allowed (RFC 6749, section 5.2). */
export class InvalidScope extends OAuthError {
  readonly class = 'invalid_scope';
}
/** Only a person can help: nobody is logged in, or the login has ended. */
export class LoginRequired extends OAuthError {
  readonly class = 'login_required';
}
/** The person or the server said no (RFC 6749, section 4.1.2.1). */
export class AccessDenied extends OAuthError {
  readonly class = 'access_denied';
}
/** A callback does not belong to the login that was begun (RFC 6749, section 10.12). */
export class StateMismatch extends OAuthError {
  readonly class = 'state_mismatch';
}
/** A callback names another issuer than the one that was asked (RFC 9207, section 2.4). */
export class IssuerMismatch extends OAuthError {
  readonly class = 'issuer_mismatch';
}
/** Discovery failed or is about another issuer (RFC 8414, section 3.3). */
export class MetadataError extends OAuthError {
  readonly class = 'metadata_error';
}
/** An answer that is neither a usable result nor an OAuth error. */
export class InvalidResponse extends OAuthError {
  readonly class = 'invalid_response';
}
/** The ID token fails a check (OpenID Connect Core 1.0, section 3.1.3.7). */
export class InvalidIdToken extends OAuthError {
  readonly class = 'invalid_id_token';
}
/** UserInfo is about somebody else or fails a check (OpenID Connect Core 1.0, section 5.3). */
export class InvalidUserInfo extends OAuthError {
  readonly class = 'invalid_userinfo';
}
/** The API refuses the token (RFC 6750, section 3.1). */
export class Unauthorized extends OAuthError {
  readonly class = 'unauthorized';
}
/** The token does not allow this (RFC 6750, section 3.1). */
export class Forbidden extends OAuthError {
  readonly class = 'forbidden';
}
/** Too many requests (RFC 6585, section 4). */
export class RateLimited extends OAuthError {
  readonly class = 'rate_limited';
}
/** The server cannot answer now. */
export class Unavailable extends OAuthError {
  readonly class = 'unavailable';
}
/** No whole answer in time. */
export class Timeout extends OAuthError {
  readonly class = 'timeout';
}
/** No connection, or a broken one. */
export class NetworkError extends OAuthError {
  readonly class = 'network';
}
/** A certificate or handshake failed. */
export class TlsError extends OAuthError {
  readonly class = 'tls';
}

type Subclass = new (message: string, details?: ErrorDetails) => OAuthError;

const SUBCLASS: Readonly<Record<ErrorClass, Subclass>> = {
  config_error: ConfigError,
  invalid_client: InvalidClient,
  invalid_grant: InvalidGrant,
  invalid_scope: InvalidScope,
  login_required: LoginRequired,
  access_denied: AccessDenied,
  state_mismatch: StateMismatch,
  issuer_mismatch: IssuerMismatch,
  metadata_error: MetadataError,
  invalid_response: InvalidResponse,
  invalid_id_token: InvalidIdToken,
  invalid_userinfo: InvalidUserInfo,
  unauthorized: Unauthorized,
  forbidden: Forbidden,
  rate_limited: RateLimited,
  unavailable: Unavailable,
  timeout: Timeout,
  network: NetworkError,
  tls: TlsError,
};

/** Makes the error of a class. */
export function oauthError(
  errorClass: ErrorClass,
  message: string,
  details?: ErrorDetails,
): OAuthError {
  return new SUBCLASS[errorClass](message, details);
}
