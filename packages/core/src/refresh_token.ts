import type { StoredTokens } from './store/token_store.ts';
import type { TokenResponse } from './token_response.ts';

/** A refresh token with what is known of its life. */
export type RefreshTokenRecord = Pick<StoredTokens, 'refresh_token' | 'refresh_expires_at'>;

/**
 * The refresh token to use after an answer: a new one replaces the old one, and where there is none the old one stays
 * (RFC 6749, section 6).
 *
 * @param sentAt when the request was sent, in seconds since 1970.
 */
export function nextRefreshToken(
  response: TokenResponse,
  sentAt: number,
  current: RefreshTokenRecord,
): RefreshTokenRecord {
  if (response.refreshToken === undefined) return current;
  const lifetime = response.refreshExpiresIn;
  return {
    refresh_token: response.refreshToken,
    refresh_expires_at: lifetime === undefined ? undefined : sentAt + lifetime,
  };
}

/** What is kept of an answer of the token endpoint. */
export function recordOf(
  response: TokenResponse,
  sentAt: number,
  current: RefreshTokenRecord & Pick<StoredTokens, 'id_token'>,
  scope: string | undefined,
): StoredTokens {
  const { refresh_token, refresh_expires_at } = nextRefreshToken(response, sentAt, current);
  return {
    access_token: response.accessToken,
    token_type: 'Bearer',
    // What is not said was granted as asked for (RFC 6749, section 5.1).
    scope: response.scope ?? scope,
    issued_at: sentAt,
    expires_at: response.expiresIn === undefined ? undefined : sentAt + response.expiresIn,
    refresh_token,
    refresh_expires_at,
    // A refresh may leave it out; the login is still the same (OpenID Connect Core 1.0, section 12.2).
    id_token: response.idToken ?? current.id_token,
  };
}
