import { decodeJwt } from 'jose';
import { CLIENTS } from '../../trial/clients.ts';
import { jsonBody } from '../../wire/exchange.ts';
import { member, type RawRequests } from '../raw-requests.ts';
import { type Property, said } from './property.ts';

const NARROW = 'tickets.read';
const WIDE = `${NARROW} tickets.write`;

/** Whether the server itself still takes an access token. */
async function verdictOf({ stage, behind }: RawRequests, token: string): Promise<string> {
  const check = await stage.authority.tokenCheck(behind, true);
  return (await check(token)) === undefined ? 'good' : 'dead';
}

function scopeOf(exchange: Parameters<typeof member>[0]): string {
  const scope = jsonBody(exchange.response)?.['scope'];
  if (exchange.response?.status !== 200) return said(exchange);
  // Keycloak's order depends on the ids that its database gave to the scopes.
  return typeof scope === 'string'
    ? `\`"${scope.split(' ').toSorted().join(' ')}"\``
    : 'no `scope`';
}

/** RFC 6749, section 6. */
export const REFRESHING: readonly Property[] = [
  {
    name: 'refresh token in the answer to a refresh',
    ofEachRealm: true,
    async probe(raw) {
      const first = member(await raw.service(), 'refresh_token');
      const next = jsonBody((await raw.refresh(first)).response)?.['refresh_token'];
      if (next === undefined) return 'none';
      return next === first ? 'the same' : 'a new one';
    },
  },
  {
    name: 'the refresh token before it, once more',
    ofEachRealm: true,
    async probe(raw) {
      const first = member(await raw.service(), 'refresh_token');
      await raw.refresh(first);
      return said(await raw.refresh(first));
    },
  },
  {
    name: 'after that: the newest refresh token',
    ofEachRealm: true,
    async probe(raw) {
      const first = member(await raw.service(), 'refresh_token');
      const newest = member(await raw.refresh(first), 'refresh_token');
      await raw.refresh(first);
      return said(await raw.refresh(newest));
    },
  },
  {
    name: 'the old access token after a refresh',
    ofEachRealm: true,
    async probe(raw) {
      const granted = await raw.service();
      await raw.refresh(member(granted, 'refresh_token'));
      return verdictOf(raw, member(granted, 'access_token'));
    },
  },
  {
    name: 'refresh without `scope`: its answer',
    async probe(raw) {
      const granted = await raw.service(CLIENTS.service, { scope: WIDE });
      return scopeOf(await raw.refresh(member(granted, 'refresh_token')));
    },
  },
  {
    name: 'refresh with a narrower `scope`: its answer',
    async probe(raw) {
      const granted = await raw.service(CLIENTS.service, { scope: WIDE });
      const narrow = { scope: NARROW };
      return scopeOf(await raw.refresh(member(granted, 'refresh_token'), CLIENTS.service, narrow));
    },
  },
  {
    name: 'the next refresh without `scope`',
    async probe(raw) {
      const granted = await raw.service(CLIENTS.service, { scope: WIDE });
      const token = member(granted, 'refresh_token');
      const narrowed = await raw.refresh(token, CLIENTS.service, { scope: NARROW });
      return scopeOf(await raw.refresh(member(narrowed, 'refresh_token')));
    },
  },
  {
    name: 'refresh with a wider `scope`',
    async probe(raw) {
      const granted = await raw.service(CLIENTS.service, { scope: NARROW });
      const wide = { scope: WIDE };
      return scopeOf(await raw.refresh(member(granted, 'refresh_token'), CLIENTS.service, wide));
    },
  },
  {
    name: 'ID token in the answer to a refresh',
    async probe(raw) {
      const login = await raw.openIdLogin();
      const answer = await raw.refresh(member(login, 'refresh_token'), CLIENTS.native);
      const token = jsonBody(answer.response)?.['id_token'];
      if (typeof token !== 'string') return 'none';
      return decodeJwt(token)['nonce'] === undefined ? 'yes, without `nonce`' : 'yes, with `nonce`';
    },
  },
  {
    name: 'refresh by a public client',
    async probe(raw) {
      return said(await raw.refresh(member(await raw.login(), 'refresh_token'), CLIENTS.native));
    },
  },
];
