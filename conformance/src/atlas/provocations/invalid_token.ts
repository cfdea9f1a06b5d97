import { setTimeout as pause } from 'node:timers/promises';
import { CLIENTS } from '../../trial/clients.ts';
import type { Stage } from '../../trial/stage.ts';
import type { Exchange } from '../../wire/exchange.ts';
import type { Provocation } from '../provocation.ts';
import { member, type RawRequests } from '../raw-requests.ts';
import { onceLoggedIn, service } from './settings.ts';
import { ASK_FOR_OPENID, ASK_FOR_TOKEN, LOG_IN } from './lines.ts';

// The client's access tokens live 2 s, and Keycloak takes them for a second more.
const OUTLIVED_MS = 4_500;

const NO_ID_TOKEN = {
  'django-oauth-toolkit': 'the clients get no ID token there, without which they ask no UserInfo',
};

/** The token endpoint of somebody else: another realm, or the other one of Django's servers. */
function elsewhere({ tokenUrl }: Stage): string {
  if (tokenUrl.includes('/realms/'))
    return tokenUrl.replace('/realms/korusticket/', '/realms/korusticket-rotating/');
  return tokenUrl.includes('/o/token/')
    ? tokenUrl.replace('/o/token/', '/token/')
    : tokenUrl.replace('/token/', '/o/token/');
}

async function askWithItsToken(raw: RawRequests): Promise<Exchange> {
  return raw.userInfo(member(await raw.openIdLogin(), 'access_token'));
}

export const INVALID_TOKEN: readonly Provocation[] = [
  {
    title: 'UserInfo: the access token has expired',
    cause: 'It was sent after the end of its lifetime.',
    change: { advice: 'Ask the client for a token before each request.', lines: ASK_FOR_TOKEN },
    how: {
      by: 'request',
      who: 'A program that keeps the text of a token; the clients here renew it before it expires.',
      async send(raw) {
        const token = member(await raw.openIdLogin(CLIENTS.nativeShort), 'access_token');
        await pause(OUTLIVED_MS);
        return raw.userInfo(token);
      },
      right: askWithItsToken,
    },
  },
  {
    title: 'UserInfo: what was sent is no access token of this server',
    cause: 'The text is cut, quoted, or another server’s.',
    change: { advice: 'Send the access_token of the answer, whole.', lines: ASK_FOR_TOKEN },
    how: {
      by: 'request',
      who: 'A request written by hand; the clients here send what the server gave.',
      send: (raw) => raw.userInfo('no-such-token'),
      right: askWithItsToken,
    },
  },
  {
    title: 'UserInfo: the session has ended',
    cause:
      'The person logged out, or an administrator ended the session; the token would not have expired yet.',
    change: { advice: 'Let the person log in again.', lines: LOG_IN },
    notAt: NO_ID_TOKEN,
    how: {
      by: 'clients',
      endpoint: 'userinfo',
      wrong: (stage) =>
        onceLoggedIn(stage, async (client) => {
          await stage.endSession();
          return client.tryUserInfo();
        }),
      right: (stage) => onceLoggedIn(stage, (client) => client.tryUserInfo()),
    },
  },
  {
    title: 'An API: the session has ended',
    cause:
      'The API asked the server about the token (RFC 7662), and its session is over. The client tries a refresh, which is refused too.',
    change: { advice: 'Let the person log in again.', lines: LOG_IN },
    how: {
      by: 'clients',
      options: { introspecting: true },
      endpoint: 'api',
      wrong: (stage) =>
        onceLoggedIn(stage, async (client) => {
          await stage.endSession();
          return client.tryCall();
        }),
      right: (stage) => onceLoggedIn(stage, (client) => client.tryCall()),
    },
  },
  {
    title: 'An API: the token comes from another server or realm',
    cause:
      'The API trusts one issuer, and the client got its token from another one. Renewing cannot help.',
    change: { advice: 'Get the token from the issuer that the API trusts.' },
    how: {
      by: 'clients',
      options: { introspecting: true },
      endpoint: 'api',
      wrong: (stage) => ({
        ...service(stage, { token_url: elsewhere(stage) }),
        act: (client) => client.tryCall(),
      }),
      right: (stage) => ({
        ...service(stage, { token_url: stage.tokenUrl }),
        act: (client) => client.tryCall(),
      }),
    },
  },
  {
    title: 'UserInfo: the token was got without openid',
    cause:
      'UserInfo is for tokens whose scope holds openid (OpenID Connect Core 1.0, section 5.3).',
    change: {
      advice: 'Add openid to the scope.',
      lines: ASK_FOR_OPENID,
    },
    how: {
      by: 'request',
      who: 'A program that asks UserInfo with any token; the clients here say config_error before that, since without an ID token nobody could tell whose claims came.',
      async send(raw) {
        const login = await raw.login({ edit: (parameters) => parameters.delete('scope') });
        return raw.userInfo(member(login, 'access_token'));
      },
      right: askWithItsToken,
    },
  },
];
