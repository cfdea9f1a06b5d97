import { decodeJwt, decodeProtectedHeader } from 'jose';
import { CLIENTS, USERS } from '../../trial/clients.ts';
import { jsonBody } from '../../wire/exchange.ts';
import { headerOf } from '../answer.ts';
import { member, type RawRequests } from '../raw-requests.ts';
import { stableLifetime } from '../stable.ts';
import { type Property, said } from './property.ts';

/** A member of a token answer as it is written there, but for what `stable` makes of it. */
function literally(name: string, stable = (value: unknown): unknown => value) {
  return async (raw: RawRequests): Promise<string> => {
    const answer = await raw.service();
    return written(stable(jsonBody(answer.response)?.[name]));
  };
}

/** A scope's words in one order: Keycloak's depends on the ids that its database gave to them. */
function written(value: unknown): string {
  if (value === undefined) return 'not there';
  return `\`${JSON.stringify(typeof value === 'string' ? value.split(' ').toSorted().join(' ') : value)}\``;
}

/** RFC 6749, section 5. */
export const ANSWERS: readonly Property[] = [
  { name: '`token_type`', probe: literally('token_type') },
  { name: '`expires_in`', probe: literally('expires_in', stableLifetime) },
  { name: '`refresh_expires_in`', probe: literally('refresh_expires_in', stableLifetime) },
  { name: '`scope`, if none was asked for', probe: literally('scope') },
  {
    name: '`scope`, if `tickets.read` was asked for',
    async probe(raw) {
      const answer = await raw.service(CLIENTS.service, { scope: 'tickets.read' });
      return written(jsonBody(answer.response)?.['scope']);
    },
  },
  {
    name: 'unknown `scope`',
    probe: async (raw) => said(await raw.service(CLIENTS.service, { scope: 'no-such-scope' })),
  },
  {
    name: 'the access token',
    async probe(raw) {
      const token = member(await raw.service(), 'access_token');
      return token.split('.').length === 3 ? 'a JWT' : `${token.length} characters, opaque`;
    },
  },
  {
    name: '`Content-Type` and `Cache-Control`',
    async probe(raw) {
      const { response } = await raw.service();
      return ['content-type', 'cache-control']
        .map((name) => headerOf(response, name))
        .map((value) => (value === undefined ? 'none' : `\`${value}\``))
        .join(', ');
    },
  },
  {
    name: 'wrong password (password grant)',
    probe: async (raw) =>
      said(
        await raw.service(CLIENTS.password, {
          grant_type: 'password',
          username: USERS.ada.username,
          password: 'wrong',
        }),
      ),
  },
  {
    name: 'ID token: header and claims',
    async probe(raw) {
      const login = await raw.openIdLogin();
      const token = jsonBody(login.response)?.['id_token'];
      if (typeof token !== 'string') return 'none';
      const { alg } = decodeProtectedHeader(token);
      const claims = Object.keys(decodeJwt(token)).toSorted();
      return `\`${alg}\`; ${claims.map((claim) => `\`${claim}\``).join(' ')}`;
    },
  },
  {
    name: 'GET at the token endpoint',
    async probe(raw) {
      const { response } = await raw.send(raw.stage.tokenUrl);
      const allow = headerOf(response, 'allow');
      return `${response?.status}${allow === undefined ? '' : ` \`Allow: ${allow}\``}`;
    },
  },
  {
    name: 'parameters in the query of the token URL',
    async probe(raw) {
      const { id: client_id, secret: client_secret } = CLIENTS.service;
      const query = new URLSearchParams({ ...raw.grant, client_id, client_secret });
      return said(await raw.send(`${raw.stage.tokenUrl}?${query.toString()}`, { method: 'POST' }));
    },
  },
];
