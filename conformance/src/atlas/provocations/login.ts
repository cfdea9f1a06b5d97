import { CLIENTS } from '../../trial/clients.ts';
import { login } from '../../trial/logins.ts';
import type { Stage } from '../../trial/stage.ts';
import type { Attempt, Provocation } from '../provocation.ts';
import { loginSettings, personal } from './settings.ts';
import { LOG_IN } from './lines.ts';

/** A person who has consented to nothing: a consent is remembered, and two at the same time disturb each other. */
function asked(stage: Stage, decline: boolean): Attempt {
  return {
    client: CLIENTS.consent,
    settings: loginSettings(stage),
    act: async (client) => (await login(client, { decline, user: await stage.newUser() })).outcome,
  };
}

/** What happens in front of a browser. */
export const LOGIN: readonly Provocation[] = [
  {
    title: 'The person declined',
    cause: 'The person pressed No, or Cancel, on the server’s consent page.',
    change: {
      advice: 'Nothing to mend: ask the person, explain the scopes, and offer the login again.',
      lines: LOG_IN,
    },
    how: {
      by: 'clients',
      wrong: (stage) => asked(stage, true),
      right: (stage) => asked(stage, false),
    },
  },
  {
    title: 'prompt=none, and nobody is logged in',
    cause:
      'The authorization request forbids the server to ask the person (OpenID Connect Core 1.0, section 3.1.2.1), who would have to log in.',
    change: { advice: 'Leave prompt=none out, and show the person the login.' },
    how: {
      by: 'clients',
      wrong: (stage) =>
        personal(stage, { authorize_url: `${stage.endpoints.authorization}?prompt=none` }),
      right: (stage) => personal(stage, { authorize_url: stage.endpoints.authorization }),
    },
  },
  {
    title: 'A token was asked for before anybody logged in',
    cause: 'The client has no tokens, and only a person could get some: it asks nobody.',
    change: { advice: 'Start a login, then ask for the token.', lines: LOG_IN },
    how: {
      by: 'clients',
      wrong: (stage) => ({ client: CLIENTS.native, settings: loginSettings(stage) }),
      right: (stage) => personal(stage),
    },
  },
  {
    title: 'The redirect URI is not registered',
    cause:
      'The redirect_uri of the authorization request is none of the client’s: path, host or scheme differ. The server must not send the browser there (RFC 6749, section 4.1.2.1), so the person sees a page and the program waits.',
    change: {
      advice: 'Register http://127.0.0.1/callback for a program on a person’s machine.',
      at: {
        keycloak: 'Clients → the client → "Settings" → "Valid redirect URIs"',
        'django-oauth-toolkit': 'Admin → Applications → "Redirect uris"',
        'django-oidc-provider': 'Admin → Clients → "Redirect URIs"',
      },
    },
    how: {
      by: 'request',
      who: 'A program with a redirect URI of its own; those here always send `http://127.0.0.1:<port>/callback`.',
      send: async (raw) =>
        (
          await raw.browse({
            edit: (parameters) => parameters.set('redirect_uri', 'http://127.0.0.1:9/elsewhere'),
          })
        ).exchange,
      right: (raw) => raw.login(),
    },
  },
  {
    title: 'The client of a login is unknown',
    cause: 'No client is registered under the client_id of the authorization request.',
    change: { advice: 'Check the client id, and that the URL is that of its own server.' },
    how: {
      by: 'request',
      who: 'A program with a wrong client id: the browser stays at the server, so that a client can only wait.',
      send: async (raw) => (await raw.browse({ client: { id: 'no-such-client' } })).exchange,
      right: (raw) => raw.login(),
    },
  },
];
