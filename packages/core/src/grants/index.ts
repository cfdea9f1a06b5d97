import type { CheckedSettings } from '../settings.ts';
import { authorizationCode } from './authorization_code.ts';
import { clientCredentials } from './client_credentials.ts';
import type { Grant } from './grant.ts';
import { password } from './password.ts';

/** The grant that the settings name. */
export function grantOf(settings: CheckedSettings): Grant {
  const { grant, scope, username } = settings;
  switch (grant) {
    case 'client_credentials':
      return clientCredentials(scope);
    case 'password':
      return password(username, settings.password, scope);
    case 'authorization_code':
      return authorizationCode;
  }
}
