import type { Answer } from './exchange.ts';
import { oauthError } from './error_classes.ts';
import type { ErrorClass, OAuthError } from './errors.ts';
import { hintFor } from './hints.ts';
import { type JsonObject, jsonObject } from './json.ts';
import { printable } from './printable.ts';
import { retryAfterSeconds } from './retry_after.ts';
import type { Secret } from './secret.ts';

/** A successful answer of the token endpoint (RFC 6749, section 5.1). Times are seconds. */
export interface TokenResponse {
  readonly accessToken: string;
  readonly expiresIn: number | undefined;
  readonly refreshToken: string | undefined;
  readonly refreshExpiresIn: number | undefined;
  readonly scope: string | undefined;
  readonly idToken: string | undefined;
}

// A map, because a server's word may be the name of a member that every object inherits.
const CLASS_OF_OAUTH_ERROR: ReadonlyMap<string | undefined, ErrorClass> = new Map(
  Object.entries({
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
  } satisfies Record<string, ErrorClass>),
);

/**
 * Reads the token endpoint's answer. Unknown members are ignored (RFC 6749, section 5.1).
 *
 * @param sent secrets of the request, which no error shows.
 * @throws OAuthError with the class of the server's error, or `invalid_response`.
 */
export function readTokenResponse(
  answer: Answer,
  what: string,
  sent: readonly Secret[] = [],
): TokenResponse {
  const { status, text } = answer;
  const json = jsonObject(text);
  if (status < 200 || status > 299) throw refusal(answer, json, what, sent);
  const unusable = (why: string) =>
    oauthError('invalid_response', `${what}: HTTP ${status}, ${why}`, {
      httpStatus: status,
      delivery: 'answered',
    });
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
    // A token that lives for no time at all could never be used: taken as "not said", it is used until an API refuses it.
    expiresIn: seconds(json['expires_in']) || undefined,
    refreshToken: nonEmpty(json['refresh_token']),
    // Keycloak says 0 for "no limit known", so a 0 says nothing about the refresh token.
    refreshExpiresIn: seconds(json['refresh_expires_in']) || undefined,
    scope: nonEmpty(json['scope']),
    idToken: nonEmpty(json['id_token']),
  };
}

function refusal(
  { status, headers }: Answer,
  json: JsonObject | undefined,
  what: string,
  sent: readonly Secret[],
): OAuthError {
  const word = nonEmpty(json?.['error']);
  const description = nonEmpty(json?.['error_description']);
  const uri = nonEmpty(json?.['error_uri']);
  const details = {
    oauthError: word && printable(word, sent),
    oauthDescription: description && printable(description, sent),
    httpStatus: status,
    oauthUri: uri && printable(uri, sent),
    retryAfter: retryAfterSeconds(headers.get('Retry-After'), new Date()),
    delivery: 'answered',
  } as const;
  const hint = hintFor({ ...details, endpoint: 'token' });
  const said = [details.oauthError, details.oauthDescription].filter(Boolean).join(': ');
  const errorClass = classOfRefusal(status, word);
  return oauthError(errorClass, `${what}: HTTP ${status}${said && `, ${said}`}`, {
    ...details,
    hint,
  });
}

function classOfRefusal(status: number, word: string | undefined): ErrorClass {
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'unavailable';
  return CLASS_OF_OAUTH_ERROR.get(word) ?? 'invalid_response';
}

function nonEmpty(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

// Some servers send the number as text; whatever is no count of seconds says nothing.
function seconds(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}
