import { setTimeout as pause } from 'node:timers/promises';
import { CLIENTS } from '../../trial/clients.ts';
import { jsonBody } from '../../wire/exchange.ts';
import { headerOf } from '../answer.ts';
import { member, type RawRequests } from '../raw-requests.ts';
import { type Property, said } from './property.ts';

// The client's access tokens live 2 s, and Keycloak takes them for a second more.
const OUTLIVED_MS = 4_500;
const WELL_KNOWN = ['openid-configuration', 'oauth-authorization-server'];
const ASKED = [
  'code_challenge_methods_supported',
  'authorization_response_iss_parameter_supported',
  'revocation_endpoint',
  'introspection_endpoint',
  'end_session_endpoint',
];

function userInfo(ask: (raw: RawRequests) => Promise<string | undefined>) {
  return async (raw: RawRequests): Promise<string> => {
    const { response } = await raw.userInfo(await ask(raw));
    const challenge = headerOf(response, 'www-authenticate');
    return `${response?.status} ${challenge === undefined ? 'without a challenge' : `\`${challenge}\``}`;
  };
}

/** OpenID Connect Discovery 1.0; RFC 8414; RFC 6750, section 3. */
export const METADATA: readonly Property[] = [
  ...WELL_KNOWN.map((document) => ({
    name: `discovery: \`<issuer>/.well-known/${document}\``,
    async probe(raw: RawRequests) {
      const exchange = await raw.metadata(document);
      const issuer = jsonBody(exchange.response)?.['issuer'];
      const { status } = exchange.response ?? {};
      return typeof issuer === 'string' ? `${status}, issuer \`${issuer}\`` : `${status}`;
    },
  })),
  {
    name: 'metadata',
    async probe(raw) {
      const exchange = await raw.metadata();
      const metadata = jsonBody(exchange.response) ?? {};
      const there = ASKED.map((name) => {
        const value = metadata[name];
        if (value === undefined) return `no \`${name}\``;
        return typeof value === 'string'
          ? `\`${name}\``
          : `\`${name}\`: \`${JSON.stringify(value)}\``;
      });
      return there.join(', ');
    },
  },
  { name: 'UserInfo without a token', probe: userInfo(() => Promise.resolve(undefined)) },
  {
    name: 'UserInfo with what is no token',
    probe: userInfo(() => Promise.resolve('no-such-token')),
  },
  {
    name: 'UserInfo with an expired token',
    probe: userInfo(async (raw) => {
      const token = member(await raw.openIdLogin(CLIENTS.nativeShort), 'access_token');
      await pause(OUTLIVED_MS);
      return token;
    }),
  },
  {
    name: 'UserInfo with a token got without `openid`',
    probe: userInfo(async (raw) =>
      member(await raw.login({ edit: (parameters) => parameters.delete('scope') }), 'access_token'),
    ),
  },
  {
    name: 'UserInfo: claims for `openid profile email`',
    async probe(raw) {
      const login = await raw.openIdLogin();
      const answer = await raw.userInfo(member(login, 'access_token'));
      const names = Object.keys(jsonBody(answer.response) ?? {}).toSorted();
      return names.map((name) => `\`${name}\``).join(' ') || said(answer);
    },
  },
];
