import { type Hint, LOGIN_AGAIN } from './hint.ts';

const OPENID_SCOPE = 'add openid to the scope';

/** What challenges say (RFC 6750, section 3.1). */
export const API_HINTS: readonly Hint[] = [
  { says: 'Missing openid scope', text: OPENID_SCOPE },
  {
    error: 'insufficient_scope',
    says: 'The request requires higher privileges than provided by the access token',
    text: OPENID_SCOPE,
  },
  { says: 'user_session_not_found', text: LOGIN_AGAIN },
  { says: 'User disabled', text: 'enable the user' },
  { says: 'Client disabled', text: 'enable the client' },
  {
    says: 'More than one method used for including an access token',
    text: 'send the token in the header only',
  },
  {
    says: 'Token verification failed',
    text: 'the token has expired, was revoked or comes from another issuer; send an access token, not another kind',
  },
  { says: 'The access token has expired.', text: 'refresh sooner, and check the clock' },
  {
    error: 'invalid_token',
    text: 'the token has expired, was revoked or comes from another issuer',
  },
  { error: 'insufficient_scope', text: 'ask for a scope that allows this' },
];
