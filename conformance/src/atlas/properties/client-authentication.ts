import { CLIENTS } from '../../trial/clients.ts';
import { type Property, said } from './property.ts';

const { id, secret } = CLIENTS.reserved;
const { service } = CLIENTS;
const WRONG = { id: service.id, secret: 'not-the-secret' };

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** RFC 6749, section 2.3.1. */
export const CLIENT_AUTHENTICATION: readonly Property[] = [
  {
    name: 'Basic, reserved characters form-encoded (RFC 6749, 2.3.1)',
    probe: async (raw) => said(await raw.basic(raw.grant, formEncoded(id), formEncoded(secret))),
  },
  {
    name: 'Basic, reserved characters raw',
    probe: async (raw) => said(await raw.basic(raw.grant, id, secret)),
  },
  {
    name: 'reserved characters in the form',
    probe: async (raw) => said(await raw.service(CLIENTS.reserved)),
  },
  {
    name: 'the scheme spelt `basic`',
    probe: async (raw) => said(await raw.basic(raw.grant, service.id, service.secret, 'basic')),
  },
  {
    name: 'wrong secret in Basic',
    probe: async (raw) => said(await raw.basic(raw.grant, WRONG.id, WRONG.secret)),
  },
  {
    name: 'wrong secret in the form',
    probe: async (raw) => said(await raw.service(WRONG)),
  },
  {
    name: 'wrong secret in Basic, right one in the form',
    async probe(raw) {
      const form = { client_id: service.id, client_secret: service.secret };
      return said(await raw.basic({ ...raw.grant, ...form }, WRONG.id, WRONG.secret));
    },
  },
  {
    name: 'unknown client',
    probe: async (raw) => said(await raw.service({ id: 'no-such-client', secret: WRONG.secret })),
  },
  {
    name: 'refresh token for client credentials (Keycloak: its switch is on)',
    async probe(raw) {
      const { id: client_id, secret: client_secret } = CLIENTS.service;
      const answer = await raw.token({
        grant_type: 'client_credentials',
        client_id,
        client_secret,
      });
      if (answer.response?.status !== 200) return said(answer);
      return answer.response.body.includes('refresh_token"') ? 'yes' : 'no';
    },
  },
];
