import type { Answer } from './exchange.ts';
import { type ErrorClass, OAuthError } from './errors.ts';
import { printable } from './printable.ts';

/** A successful answer of the token endpoint (RFC 6749, section 5.1). Times are seconds. */
export interface TokenResponse {
  readonly accessToken: string;
  readonly expiresIn: number | undefined;
  readonly refreshToken: string | undefined;
  readonly refreshExpiresIn: number | undefined;
  readonly scope: string | undefined;
  readonly idToken: string | undefined;
}

const CLASS_OF_OAUTH_ERROR: Readonly<Record<string, ErrorClass>> = {
  invalid_client: 'invalid_client',
  // Keycloak's word for a wrong secret. RFC 6749 means it for a client that may not use the grant: as terminal, and as much
  // a matter of the client's registration.
  unauthorized_client: 'invalid_client',
  invalid_grant: 'invalid_grant',
  invalid_scope: 'invalid_scope',
  access_denied: 'access_denied',
  invalid_request: 'config_error',
  unsupported_grant_type: 'config_error',
  invalid_target: 'config_error',
  temporarily_unavailable: 'unavailable',
  server_error: 'unavailable',
};

/**
 * Reads the token endpoint's answer. Unknown members are ignored (RFC 6749, section 5.1).
 *
 * @throws OAuthError with the class of the server's error, or `invalid_response`.
 */
export function readTokenResponse({ status, text }: Answer, what: string): TokenResponse {
  const json = jsonObject(text);
  if (status < 200 || status > 299) throw refusal(status, json, what);
  const unusable = (why: string) =>
    new OAuthError('invalid_response', `${what}: HTTP ${status}, ${why}`, { httpStatus: status });
  if (!json) throw unusable('but not a JSON object');
  if (json['error'] !== undefined) throw unusable('but with an error member');
  const accessToken = nonEmpty(json['access_token']);
  if (accessToken === undefined) throw unusable('but without an access_token');
  // RFC 6749, appendix A.12. Anything else could not go into a header, and the platform's complaint would quote it.
  if (!/^[\x20-\x7e]+$/.test(accessToken)) throw unusable('but its access_token is not ASCII');
  // A client must not use a token whose type it does not know (RFC 6749, section 7.1); the type's case does not matter (5.1).
  const tokenType = json['token_type'];
  if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
    throw unusable('but token_type is not Bearer');
  }
  return {
    accessToken,
    expiresIn: seconds(json['expires_in']),
    refreshToken: nonEmpty(json['refresh_token']),
    // Keycloak says 0 for "no limit known", so a 0 says nothing about the refresh token.
    refreshExpiresIn: seconds(json['refresh_expires_in']) || undefined,
    scope: nonEmpty(json['scope']),
    idToken: nonEmpty(json['id_token']),
  };
}

function refusal(status: number, json: JsonObject | undefined, what: string): OAuthError {
  const oauthError = nonEmpty(json?.['error']);
  const description = nonEmpty(json?.['error_description']);
  const details = {
    oauthError: oauthError && printable(oauthError),
    oauthDescription: description && printable(description),
    httpStatus: status,
  };
  const said = [details.oauthError, details.oauthDescription].filter(Boolean).join(': ');
  const errorClass = classOfRefusal(status, oauthError);
  return new OAuthError(errorClass, `${what}: HTTP ${status}${said && `, ${said}`}`, details);
}

function classOfRefusal(status: number, oauthError: string | undefined): ErrorClass {
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'unavailable';
  return CLASS_OF_OAUTH_ERROR[oauthError ?? ''] ?? 'invalid_response';
}

type JsonObject = Readonly<Record<string, unknown>>;

/** The parser's message would quote the body, and with it the token: so only the fact of a failure leaves this place. */
export function jsonObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

// Some servers send the number as text; whatever is no count of seconds says nothing.
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}
