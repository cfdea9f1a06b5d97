import type { Secret } from './secret.ts';

/** What a logout request carries. A refresh token is no part of it: URLs end up in histories and logs. */
export interface LogoutRequest {
  readonly clientId: string;
  /** Without it, servers ask the user whether to log out. */
  readonly idToken?: Secret | undefined;
  /** Where the browser returns to; it must be registered. */
  readonly postLogoutRedirectUri?: string | undefined;
  /** Opaque, unguessable; comes back with the browser. Sent only where there is an address to return to. */
  readonly state?: string | undefined;
}

/**
 * The URL that a browser visits to end the session at the server (OpenID Connect RP-Initiated Logout 1.0, section 2). The endpoint's own
 * query is kept. It holds the ID token, which names a user: it is for the browser, not for a log.
 *
 * @param endpoint the metadata's `end_session_endpoint`.
 */
export function endSessionUrl(
  endpoint: URL,
  { clientId, idToken, postLogoutRedirectUri, state }: LogoutRequest,
): URL {
  const url = new URL(endpoint);
  const set = (name: string, value: string | undefined) => {
    if (value !== undefined && value !== '') url.searchParams.set(name, value);
  };
  set('id_token_hint', idToken?.reveal());
  set('client_id', clientId);
  set('post_logout_redirect_uri', postLogoutRedirectUri);
  if (postLogoutRedirectUri !== undefined) set('state', state);
  return url;
}

/**
 * Whether a browser's return answers the logout that was begun (section 3). Where it does not, the logout stands all the same: nobody must
 * be able to keep a user logged in with a wrong `state`.
 *
 * @param returned the URL that the browser came back with.
 */
export function isReturnOfLogout(returned: URL, state: string): boolean {
  const states = returned.searchParams.getAll('state');
  return states.length === 1 && states[0] === state;
}
