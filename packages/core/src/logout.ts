import type { AuthorizationServer } from './authorization_server.ts';
import { endSessionUrl, type LogoutRequest } from './end_session.ts';
import { revokeToken, revokeTokens } from './revocation.ts';
import type { Token } from './token.ts';

/** How the browser comes back from the end of a session (OpenID Connect RP-Initiated Logout 1.0, section 2). */
export type LogoutOptions = Pick<LogoutRequest, 'postLogoutRedirectUri' | 'state'>;

/**
 * Ends a login at the server: its tokens are revoked (RFC 7009).
 *
 * @param tokens the newest, and the one that was at hand: of that one the access token may live although it has been replaced.
 * @returns where the browser ends the session at the server, if the server has such a place (OpenID Connect RP-Initiated Logout 1.0).
 * @throws OAuthError
 */
export async function endLogin(
  server: AuthorizationServer,
  tokens: readonly (Token | undefined)[],
  options: LogoutOptions,
): Promise<URL | undefined> {
  const [token, older] = tokens.filter((one) => one !== undefined);
  if (!token) return undefined;
  const revokeUrl = await server.endpoint('revokeUrl');
  if (revokeUrl) {
    const { credentials, transport } = server;
    await revokeTokens(revokeUrl, token, credentials, transport);
    if (older && older.accessToken.reveal() !== token.accessToken.reveal())
      await revokeToken(revokeUrl, older.accessToken, 'access_token', credentials, transport);
  }
  const endpoint = await server.endpoint('endSessionUrl');
  const { clientId } = server.credentials;
  return endpoint && endSessionUrl(endpoint, { ...options, clientId, idToken: token.idToken });
}
