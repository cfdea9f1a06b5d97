import { CLIENTS, USERS } from '../../trial/clients.ts';
import type { Provocation } from '../provocation.ts';
import type { RawRequests } from '../raw-requests.ts';

export const UNAUTHORIZED_CLIENT: readonly Provocation[] = [
  {
    title: 'The client may not use the client credentials grant',
    cause: 'The client is registered for another grant.',
    change: {
      advice: 'Allow the grant for this client at the server, or use a client that has it.',
      at: {
        keycloak: 'Clients → the client → "Settings" → "Service accounts roles"',
        'django-oauth-toolkit':
          'Admin → Applications → "Authorization grant type": each application has one',
      },
    },
    how: {
      by: 'clients',
      wrong: () => ({ client: CLIENTS.password, settings: { grant: 'client_credentials' } }),
      right: () => ({ client: CLIENTS.plain, settings: { grant: 'client_credentials' } }),
    },
  },
  {
    title: 'The client may not use the password grant',
    cause: 'The client is registered without it.',
    change: {
      advice: 'Allow the grant for this client at the server, or log people in with a browser.',
      at: {
        keycloak: 'Clients → the client → "Settings" → "Direct access grants"',
        'django-oauth-toolkit':
          'Admin → Applications → "Authorization grant type": each application has one',
        'django-oidc-provider': 'OIDC_GRANT_TYPE_PASSWORD_ENABLE, for all clients',
      },
    },
    how: {
      by: 'clients',
      wrong: () => ({ client: CLIENTS.plain, settings: { grant: 'password', ...USERS.ada } }),
      right: () => ({ client: CLIENTS.password, settings: { grant: 'password', ...USERS.ada } }),
    },
  },
  {
    title: 'A public client asks for client credentials',
    cause:
      'A client without a secret has nothing by which it could be known (RFC 6749, section 4.4).',
    change: { advice: 'Use a client with a secret, or let a person log in.' },
    how: {
      by: 'clients',
      wrong: () => ({
        client: CLIENTS.native,
        settings: { grant: 'client_credentials', client_auth: 'none' },
      }),
      right: () => ({
        client: CLIENTS.plain,
        settings: { grant: 'client_credentials', client_auth: 'post' },
      }),
    },
  },
  {
    title: 'The client may not log people in',
    cause: 'The client is registered for programs without a person.',
    change: {
      advice: 'Use a client that is registered for the authorization code grant.',
      at: { keycloak: 'Clients → the client → "Settings" → "Standard flow"' },
    },
    how: {
      by: 'request',
      who: 'A program with the wrong client id: the browser stays at the server, so that a client can only wait.',
      send: async (raw: RawRequests) => (await raw.browse({ client: CLIENTS.plain })).exchange,
      right: (raw) => raw.login(),
    },
  },
];
