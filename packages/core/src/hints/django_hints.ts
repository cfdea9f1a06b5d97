import { FORM_BODY, type Hint, ONE_USER } from './hint.ts';

/** What Django OAuth Toolkit and django-oidc-provider say at their token endpoints. */
export const DJANGO: readonly Hint[] = [
  {
    says: 'Invalid credentials given.',
    text: 'user name or password is wrong, or the user inactive',
  },
  {
    error: 'access_denied',
    says: 'The resource owner or authorization server denied the request.',
    text: 'user name or password is wrong',
  },
  {
    error: 'invalid_client',
    says: 'Client authentication failed (e.g., unknown client*',
    text: 'check client id, secret and registered redirect URI; with reserved characters in the secret, send it in the form',
  },
  {
    error: 'invalid_client',
    says: '',
    status: 401,
    text: 'check client id and secret; the secret is the one shown before it was saved, not its hash',
  },
  {
    error: 'unsupported_grant_type',
    says: 'The authorization grant type is not supported*',
    text: 'use the authorization code grant, or allow the password grant in OIDC_GRANT_TYPE_PASSWORD_ENABLE',
  },
  { error: 'unsupported_grant_type', says: '', text: FORM_BODY },
  {
    error: 'unauthorized_client',
    says: '',
    text: 'an application may use one grant: check its "Authorization grant type"',
  },
  { says: 'Request is missing password parameter.', text: 'set user name and password' },
  {
    error: 'invalid_scope',
    text: 'ask for scopes that the server knows and that were granted before',
  },
  { says: 'URL query parameters are not allowed', text: FORM_BODY },
  { says: 'Missing refresh token parameter.', text: 'send the refresh token in the form' },
  { says: 'Code verifier required.', text: 'send the code_verifier of this login' },
  { says: 'Missing code parameter.', text: 'send the code in the form' },
  {
    says: 'Mismatching redirect URI.',
    text: 'send the redirect_uri of the authorization request again, unchanged',
  },
  {
    says: 'Discrepency found between client identifier',
    text: 'send one client id, in the header or in the form',
  },
  {
    error: 'invalid_grant',
    says: 'The provided authorization grant or refresh token is invalid*',
    text: `the code or refresh token is used up or not this client's: begin anew, and ${ONE_USER}`,
  },
  {
    error: 'invalid_grant',
    says: '',
    text: `the code or refresh token is used up or not this client's: begin anew, and ${ONE_USER}`,
  },
];
