import type { Grant } from './grant.ts';

/** A service's own token (RFC 6749, section 4.4). */
export function clientCredentials(scope: string | undefined): Grant {
  return {
    name: 'client_credentials',
    fields: () => ({ grant_type: 'client_credentials', scope }),
  };
}
