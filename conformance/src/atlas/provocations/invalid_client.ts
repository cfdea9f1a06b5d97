import { CLIENTS } from '../../trial/clients.ts';
import type { Provocation } from '../provocation.ts';
import { service } from './settings.ts';

const NOT_THE_SECRET = 'not-the-secret';
const { id, secret } = CLIENTS.reserved;

export const INVALID_CLIENT: readonly Provocation[] = [
  {
    title: 'The client secret is wrong',
    cause: 'The client exists, but the secret that it sent is not its own.',
    change: {
      advice: 'Copy the secret again, and set it whole and unquoted.',
      at: {
        keycloak: 'Clients → the client → "Credentials" → "Client Secret"',
        'django-oauth-toolkit':
          'Admin → Applications: the secret is shown before the application is saved for the first time; later only its hash is there, and sending the hash is wrong too',
        'django-oidc-provider': 'Admin → Clients → "Client SECRET"',
      },
    },
    how: {
      by: 'clients',
      wrong: (stage) => ({
        ...service(stage),
        client: { id: CLIENTS.service.id, secret: NOT_THE_SECRET },
      }),
      right: (stage) => service(stage),
    },
  },
  {
    title: 'The server does not know the client id',
    cause: 'No client is registered under this id, or only at another server or in another realm.',
    change: {
      advice: 'Check the client id letter by letter, and that the URL is that of its own server.',
      at: {
        keycloak: 'Clients, in the realm that the URL names; the client must be enabled',
        'django-oauth-toolkit': 'Admin → Applications → "Client id"',
        'django-oidc-provider': 'Admin → Clients → "Client ID"',
      },
    },
    how: {
      by: 'clients',
      wrong: (stage) => ({
        ...service(stage),
        client: { id: 'no-such-client', secret: CLIENTS.service.secret },
      }),
      right: (stage) => service(stage),
    },
  },
  {
    title: 'No client secret was sent',
    cause: 'The client is registered with a secret, and the request came without one.',
    change: { advice: 'Set the secret, and a client authentication other than none.' },
    how: {
      by: 'clients',
      wrong: (stage) => ({
        client: { id: CLIENTS.service.id },
        settings: { ...stage.authority.service, client_auth: 'none' },
      }),
      right: (stage) => service(stage, { client_auth: 'post' }),
    },
  },
  {
    title: 'Basic with reserved characters, form-encoded as RFC 6749 has it',
    cause:
      'Id or secret holds characters that form-encoding changes (RFC 6749, section 2.3.1), and the server does not decode them.',
    change: { advice: 'Send id and secret in the form, where every server decodes them.' },
    how: {
      by: 'clients',
      wrong: (stage) => ({
        client: CLIENTS.reserved,
        settings: { ...stage.authority.service, client_auth: 'basic' },
      }),
      right: (stage) => ({
        client: CLIENTS.reserved,
        settings: { ...stage.authority.service, client_auth: 'post' },
      }),
    },
  },
  {
    title: 'Basic with reserved characters, sent raw',
    cause:
      'Id or secret was put into Basic as it is, as most HTTP libraries do, and the server form-decodes it (RFC 6749, section 2.3.1).',
    change: {
      advice: 'Form-encode id and secret before Base64, or send them in the form.',
      lines: {
        curl: 'curl --data-urlencode "client_id@id" --data-urlencode "client_secret@secret" …',
        TypeScript: "clientAuth: 'post'",
        Python: 'auth=(quote_plus(client_id), quote_plus(client_secret))',
        R: 'req_body_form(client_id = id, client_secret = secret, …)',
        Groovy: "[id, secret].collect { URLEncoder.encode(it, 'UTF-8') }.join(':')",
      },
    },
    how: {
      by: 'request',
      who: 'A client that hands id and secret to its HTTP library as they are; those here form-encode them.',
      send: (raw) => raw.basic(raw.grant, id, secret),
      right: (raw) => raw.service(CLIENTS.reserved),
    },
  },
];
