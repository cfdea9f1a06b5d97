import type { Secret } from '../secret.ts';
import type { Grant } from './grant.ts';

/**
 * A user's name and password, for servers that know nothing better (RFC 6749, section 4.3). Legacy: OAuth 2.1 has dropped it, since it shows
 * the password to the client and leaves no room for a second factor. It is never chosen by itself.
 */
export function password(username: string, secret: Secret, scope: string | undefined): Grant {
  return {
    name: 'password',
    user: username,
    fields: () => ({ grant_type: 'password', username, password: secret.reveal(), scope }),
  };
}
