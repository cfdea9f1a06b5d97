import type { Provocation } from '../provocation.ts';
import { member } from '../raw-requests.ts';
import { loginSettings, personal, service } from './settings.ts';

const UNKNOWN = 'no-such-scope';
const KNOWN = 'tickets.read';
const AT = {
  keycloak: 'Clients → the client → "Client scopes"',
  'django-oauth-toolkit': "OAUTH2_PROVIDER['SCOPES']",
  'django-oidc-provider': 'Admin → Clients → "Scopes"',
};

export const INVALID_SCOPE: readonly Provocation[] = [
  {
    title: 'A token request asks for an unknown scope',
    cause: 'The server has no scope of this name, or the client may not ask for it.',
    change: { advice: 'Ask for scopes that the server knows, or for none.', at: AT },
    how: {
      by: 'clients',
      wrong: (stage) => service(stage, { scope: UNKNOWN }),
      right: (stage) => service(stage, { scope: KNOWN }),
    },
  },
  {
    title: 'A login asks for an unknown scope',
    cause: 'The authorization request has a scope that the server does not know.',
    change: { advice: 'Ask for scopes that the server knows.', at: AT },
    how: {
      by: 'clients',
      wrong: (stage) => personal(stage, { scope: `${loginSettings(stage).scope} ${UNKNOWN}` }),
      right: (stage) => personal(stage),
    },
  },
  {
    title: 'A refresh asks for more than was granted',
    cause: 'Scopes of a refresh may not go beyond those of the grant (RFC 6749, section 6).',
    change: { advice: 'Leave the scope out of the refresh, or begin anew with the wider one.' },
    how: {
      by: 'request',
      who: 'A program that adds scopes later; the clients here refresh without a scope.',
      async send(raw) {
        const granted = await raw.service(undefined, { scope: KNOWN });
        return raw.refresh(member(granted, 'refresh_token'), undefined, {
          scope: `${KNOWN} tickets.write`,
        });
      },
      async right(raw) {
        const granted = await raw.service(undefined, { scope: KNOWN });
        return raw.refresh(member(granted, 'refresh_token'));
      },
    },
  },
];
