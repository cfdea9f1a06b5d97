import { FORM_BODY, type Hint, LOGIN_AGAIN, ONE_USER } from './hint.ts';

/** About users, sessions, refresh tokens and codes. */
export const KEYCLOAK_GRANT: readonly Hint[] = [
  { says: 'Invalid user credentials', text: 'user name or password is wrong' },
  { says: 'Account disabled', text: 'enable the user' },
  { says: 'User disabled', text: 'enable the user, then get a token with a new grant' },
  {
    says: 'Account is not fully set up',
    text: 'log in once in a browser, or clear the user\'s "Required user actions" and fill in the profile',
  },
  { says: 'Missing parameter: username', text: 'set the user name' },
  {
    error: 'invalid_grant',
    says: 'Token is not active',
    text: 'the refresh token has expired: get a token with a new grant, or refresh sooner',
  },
  { says: 'Session not active', text: LOGIN_AGAIN },
  {
    says: "Session doesn't have required client",
    text: `the session ended, or a refresh token was used twice: get a token with a new grant, and ${ONE_USER}`,
  },
  { says: 'Maximum allowed refresh token reuse exceeded', text: ONE_USER },
  {
    says: 'Stale token',
    text: `the token was replaced or its realm revoked older ones: get a token with a new grant, and ${ONE_USER}`,
  },
  {
    says: "Invalid refresh token. Token client and authorized client don't match",
    text: 'refresh with the client that got the token',
  },
  {
    says: 'Invalid refresh token',
    text: 'this is no refresh token of this realm: get a token with a new grant',
  },
  {
    says: 'Invalid token issuer.*',
    text: 'use the issuer URL with which the token was got, host and port too',
  },
  {
    says: 'Code not valid',
    text: 'a code works once and for about a minute: begin a new login',
  },
  {
    says: 'Incorrect redirect_uri',
    text: 'send the redirect_uri of the authorization request again, unchanged',
  },
  {
    says: 'PKCE*',
    text: 'send the code_verifier that belongs to the code_challenge of this login',
  },
  {
    says: 'Auth error: Found different client_id in clientSession',
    text: 'exchange the code with the client that began the login',
  },
  { says: 'Device code not valid', text: 'a device code works once: begin again' },
  { error: 'expired_token', text: 'nobody confirmed in time: begin again' },
];

/** About the form of a request. */
export const KEYCLOAK_REQUEST: readonly Hint[] = [
  {
    error: 'invalid_scope',
    says: 'Invalid scopes:*',
    text: 'ask for fewer scopes, or add them under "Client scopes" of the client',
  },
  { says: 'Unsupported grant_type', text: 'check the grant_type' },
  { says: 'Missing form parameter: grant_type', text: FORM_BODY },
  { says: 'duplicated parameter', text: 'send every parameter once' },
  { says: 'No refresh token', text: 'send the refresh token in the form' },
  { says: 'DPoP proof is missing', text: 'the client demands DPoP: send a proof' },
  { says: 'DPoP HTTP URL mismatch', text: 'the proof must name this very URL, without its query' },
  { says: 'DPoP proof has already been used', text: 'sign a new proof for every request' },
  { says: 'DPoP proof is not active', text: 'sign a new proof for every request; check the clock' },
  { says: 'Standard tok*', text: 'enable "Standard Token Exchange" of the client' },
  {
    says: 'Unmatching clients',
    text: 'revoke a token with the client that got it',
  },
  {
    error: 'unsupported_token_type',
    text: 'only access tokens and refresh tokens can be revoked',
  },
  { error: 'Realm does not exist', text: 'check the realm in the URL' },
  { error: 'Invalid origin', text: 'do not send an Origin header, or add it to "Web origins"' },
  { error: 'HTTP 405 Method Not Allowed', text: 'check the URL: this is no token endpoint' },
  { error: 'HTTP 404 Not Found', text: 'check the URL' },
];
