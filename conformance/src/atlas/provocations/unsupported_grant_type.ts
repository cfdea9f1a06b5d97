import { CLIENTS } from '../../trial/clients.ts';
import type { Provocation } from '../provocation.ts';
import { SEND_A_FORM } from './lines.ts';

const { id, secret } = CLIENTS.service;
const CLIENT = { client_id: id, client_secret: secret };

export const UNSUPPORTED_GRANT_TYPE: readonly Provocation[] = [
  {
    title: 'The grant_type is misspelt',
    cause: 'The server has no grant of this name.',
    change: {
      advice:
        'Write client_credentials, authorization_code, refresh_token or password, as RFC 6749 spells them.',
      lines: { curl: 'grant_type=client_credentials' },
    },
    how: {
      by: 'request',
      who: 'A request written by hand; the clients here know these four.',
      send: (raw) => raw.token({ ...raw.grant, ...CLIENT, grant_type: 'client-credentials' }),
      right: (raw) => raw.service(),
    },
  },
  {
    title: 'The parameters were sent as JSON',
    cause: 'The token endpoint reads a form (RFC 6749, section 4.4.2) and finds nothing in it.',
    change: { advice: 'Send a form.', lines: SEND_A_FORM },
    how: {
      by: 'request',
      who: 'A request written by hand, or with a library that sends JSON by default (HTTPie without `-f`).',
      send: (raw) =>
        raw.send(raw.stage.tokenUrl, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify({ ...raw.grant, ...CLIENT }),
        }),
      right: (raw) => raw.service(),
    },
  },
  {
    title: 'There is no grant_type',
    cause: 'The form does not say which grant is meant.',
    change: { advice: 'Add grant_type.', lines: SEND_A_FORM },
    how: {
      by: 'request',
      who: 'A request written by hand, whose shell cut it at an unquoted `&`.',
      send: (raw) => raw.token(CLIENT),
      right: (raw) => raw.service(),
    },
  },
];
