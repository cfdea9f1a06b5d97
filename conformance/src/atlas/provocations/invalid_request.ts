import { CLIENTS } from '../../trial/clients.ts';
import type { Provocation } from '../provocation.ts';
import { REDIRECT_URI } from '../raw-requests.ts';
import { LOG_IN, SEND_A_FORM } from './lines.ts';

const { id, secret } = CLIENTS.service;
const CLIENT = { client_id: id, client_secret: secret };

export const INVALID_REQUEST: readonly Provocation[] = [
  {
    title: 'A refresh without refresh_token',
    cause:
      'The form has no refresh_token, often because the variable that should hold it was empty or unset.',
    change: {
      advice: 'Send it; where there is none, use the grant again.',
      lines: { curl: 'curl --data-urlencode "refresh_token@refresh_token" …' },
    },
    how: {
      by: 'request',
      who: 'A request written by hand; the clients here refresh only when they have a refresh token.',
      send: (raw) => raw.token({ grant_type: 'refresh_token', ...CLIENT }),
      async right(raw) {
        const granted = await raw.service();
        return raw.refresh(String(JSON.parse(granted.response?.body ?? '{}').refresh_token));
      },
    },
  },
  {
    title: 'A parameter stands twice in the form',
    cause: 'No parameter may be repeated (RFC 6749, section 3.2).',
    change: { advice: 'Send every parameter once.' },
    how: {
      by: 'request',
      who: 'A request put together from defaults and own fields; the clients here send each once.',
      send(raw) {
        const body = new URLSearchParams({ ...raw.grant, ...CLIENT });
        body.append('grant_type', raw.grant['grant_type'] ?? '');
        return raw.send(raw.stage.tokenUrl, { method: 'POST', body });
      },
      right: (raw) => raw.service(),
    },
  },
  {
    title: 'The parameters stand in the URL',
    cause:
      'Parameters belong into the body (RFC 6749, section 3.2): in a URL, secrets end up in logs.',
    change: { advice: 'Move them into the body.', lines: SEND_A_FORM },
    how: {
      by: 'request',
      who: 'A request written by hand; the clients here never put anything into this URL.',
      send(raw) {
        const query = new URLSearchParams({ ...raw.grant, ...CLIENT });
        return raw.send(`${raw.stage.tokenUrl}?${query.toString()}`, { method: 'POST' });
      },
      right: (raw) => raw.service(),
    },
  },
  {
    title: 'A login without PKCE',
    cause:
      'The client must send a code_challenge (RFC 7636), and the authorization request has none.',
    change: {
      advice: 'Send code_challenge and code_challenge_method=S256; all clients here do.',
      lines: LOG_IN,
      at: {
        keycloak:
          'Clients → the client → "Advanced" → "Proof Key for Code Exchange Code Challenge Method"',
        'django-oauth-toolkit': 'PKCE_REQUIRED',
      },
    },
    how: {
      by: 'request',
      who: 'A client older than RFC 7636; those here always send it.',
      send: async (raw) =>
        (
          await raw.browse({
            edit(parameters) {
              parameters.delete('code_challenge');
              parameters.delete('code_challenge_method');
            },
          })
        ).exchange,
      right: (raw) => raw.login(),
    },
  },
  {
    title: 'The exchange has no code_verifier',
    cause:
      'The login began with a code_challenge, and its verifier is missing (RFC 7636, section 4.5).',
    change: { advice: 'Send the verifier of this login with the code.' },
    how: {
      by: 'request',
      who: 'A program that lost the verifier between two processes; the clients here keep it with the login.',
      async send(raw) {
        const code = await raw.code();
        const fields = { grant_type: 'authorization_code', code };
        return raw.token({
          ...fields,
          redirect_uri: REDIRECT_URI,
          client_id: CLIENTS.native.id,
        });
      },
      right: (raw) => raw.login(),
    },
  },
  {
    title: 'The response_type is unknown',
    cause: 'The authorization request asks for something other than a code.',
    change: { advice: 'Send response_type=code.' },
    how: {
      by: 'request',
      who: 'A request written by hand; the clients here know `code` only.',
      send: async (raw) =>
        (await raw.browse({ edit: (parameters) => parameters.set('response_type', 'codes') }))
          .exchange,
      right: (raw) => raw.login(),
    },
  },
];
