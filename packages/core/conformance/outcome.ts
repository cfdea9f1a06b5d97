// What the protocol is told of a token and of an error.
import type { OAuthError, Token } from '../src/index.ts';

export type Json = Record<string, unknown>;

export function described(token: Token): Json {
  return {
    token_type: token.tokenType,
    scope: token.scope,
    expires_in: token.expiresIn,
    has_refresh_token: token.refreshToken !== undefined,
    has_id_token: token.idToken !== undefined,
  };
}

export function reported(error: OAuthError): Json {
  const reason = {
    class: error.class,
    oauth_error: error.oauthError,
    oauth_description: error.oauthDescription,
    http_status: error.httpStatus,
    message: error.message,
  };
  return { outcome: 'error', error: reason };
}
