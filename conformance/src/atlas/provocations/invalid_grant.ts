import { setTimeout as pause } from 'node:timers/promises';
import { CLIENTS, USERS } from '../../trial/clients.ts';
import { loginUpToCallback } from '../../trial/logins.ts';
import type { Provocation } from '../provocation.ts';
import { member, REDIRECT_URI } from '../raw-requests.ts';
import { loginSettings, onceLoggedIn, personal } from './settings.ts';
import { LOG_IN, SHARE_A_FILE } from './lines.ts';

// The client's refresh tokens live 8 s (realm/korusticket.json), and Keycloak counts in whole seconds.
const OUTLIVED_MS = 11_000;

export const INVALID_GRANT: readonly Provocation[] = [
  {
    title: 'User name or password is wrong',
    cause: 'The password grant was tried with a password that is not this person’s.',
    change: {
      advice:
        'Correct it; do not try again by program, since some servers lock the account. New programs log people in with a browser instead.',
    },
    how: {
      by: 'clients',
      wrong: () => ({
        client: CLIENTS.password,
        settings: { grant: 'password', username: USERS.ada.username, password: 'wrong' },
      }),
      right: () => ({ client: CLIENTS.password, settings: { grant: 'password', ...USERS.ada } }),
    },
  },
  {
    title: 'The login behind the refresh token has ended',
    cause:
      'The person logged out, an administrator ended the session or revoked the token, or the server has lost it.',
    change: {
      advice: 'Let the person log in again; the refresh token is worth nothing any more.',
      lines: LOG_IN,
      at: { keycloak: 'Sessions: whether the person still has one' },
    },
    how: {
      by: 'clients',
      wrong: (stage) =>
        onceLoggedIn(stage, async (client) => {
          await stage.endSession();
          return client.tryToken({ force_refresh: true });
        }),
      right: (stage) => personal(stage),
    },
  },
  {
    title: 'The refresh token has expired',
    cause: 'It was presented after the end of its own lifetime.',
    change: {
      advice:
        'Get new tokens by the grant or a new login; refresh sooner, or let refresh tokens live longer. A client that read refresh_expires_in does not even send it.',
      lines: LOG_IN,
      at: {
        keycloak:
          'Realm settings → "Sessions" → "SSO Session Idle"; of one client: "Advanced" → "Client Session Idle"',
        'django-oauth-toolkit': 'REFRESH_TOKEN_EXPIRE_SECONDS',
      },
    },
    notAt: {
      'django-oauth-toolkit': 'refresh tokens do not expire as this server is set up',
      'django-oidc-provider': 'its refresh tokens do not expire',
    },
    how: {
      by: 'request',
      who: 'A client that does not look at refresh_expires_in; those here do, and use the grant again or say login_required.',
      async send(raw) {
        const token = member(await raw.service(CLIENTS.short), 'refresh_token');
        await pause(OUTLIVED_MS);
        return raw.refresh(token, CLIENTS.short);
      },
    },
  },
  {
    title: 'The refresh token was used before',
    cause:
      'The server rotates refresh tokens and this one has been replaced: two processes had copies of it, an answer was lost, or it was stolen.',
    change: {
      advice: 'Let all processes share one token file, whose lock lets one of them refresh.',
      lines: SHARE_A_FILE,
      at: { keycloak: 'Realm settings → "Tokens" → "Revoke Refresh Token"' },
    },
    how: {
      by: 'request',
      options: { realm: 'korusticket-rotating' },
      who: 'A second process with a copy of the token; the clients here replace it at once and share a file.',
      async send(raw) {
        const token = member(await raw.service(), 'refresh_token');
        await raw.refresh(token);
        return raw.refresh(token);
      },
      async right(raw) {
        const token = member(await raw.service(), 'refresh_token');
        return raw.refresh(member(await raw.refresh(token), 'refresh_token'));
      },
    },
  },
  {
    title: 'The refresh token belongs to another client',
    cause: 'It was issued to one client id and presented by another one.',
    change: { advice: 'Refresh with the client id that got the token; keep one file for each.' },
    how: {
      by: 'request',
      who: 'A program whose client id was changed while it kept its tokens; a token file here has an entry for each client.',
      async send(raw) {
        return raw.refresh(member(await raw.service(), 'refresh_token'), CLIENTS.reserved);
      },
      async right(raw) {
        return raw.refresh(member(await raw.service(), 'refresh_token'));
      },
    },
  },
  {
    title: 'What was sent is no refresh token',
    cause: 'The text is cut, quoted, an access token, or from another realm.',
    change: { advice: 'Start over, and store the refresh token whole.', lines: SHARE_A_FILE },
    how: {
      by: 'request',
      who: 'A program that stored something else; the clients here send what the server gave.',
      send: (raw) => raw.refresh('no-refresh-token'),
      async right(raw) {
        return raw.refresh(member(await raw.service(), 'refresh_token'));
      },
    },
  },
  {
    title: 'The code is unknown',
    cause: 'The authorization code was changed, cut or has expired: it lives about a minute.',
    change: { advice: 'Log in again and let the client take the callback itself.', lines: LOG_IN },
    how: {
      by: 'clients',
      endpoint: 'token',
      wrong: (stage) => ({
        client: CLIENTS.native,
        settings: loginSettings(stage),
        async act(client) {
          const { callback } = await loginUpToCallback(client);
          callback.searchParams.set('code', 'no-such-code');
          return client.tryFinishLogin(callback.href);
        },
      }),
      right: (stage) => personal(stage),
    },
  },
  {
    title: 'The code was used before',
    cause: 'A code works once; a page was reloaded, or the token request was repeated.',
    change: { advice: 'Begin a new login; never repeat the exchange.', lines: LOG_IN },
    how: {
      by: 'request',
      who: 'A program that repeats the token request; the clients here never do.',
      async send(raw) {
        const code = await raw.code();
        await raw.redeem(code);
        return raw.redeem(code);
      },
      right: (raw) => raw.login(),
    },
  },
  {
    title: 'The code_verifier is another login’s',
    cause:
      'It does not fit the code_challenge with which this login began (RFC 7636, section 4.6).',
    change: {
      advice: 'Keep one verifier for each login, and do not mix two that are under way.',
      lines: LOG_IN,
    },
    how: {
      by: 'request',
      who: 'A program with one global verifier; the clients here make one for each login.',
      async send(raw) {
        return raw.redeem(await raw.code(), { code_verifier: 'x'.repeat(43) });
      },
      right: (raw) => raw.login(),
    },
  },
  {
    title: 'The redirect_uri of the exchange is another one',
    cause: 'It is not the one of the authorization request (RFC 6749, section 4.1.3).',
    change: { advice: 'Send the very same redirect_uri in both requests, port and slash too.' },
    how: {
      by: 'request',
      who: 'A program whose listener got another port in between; the clients here keep the URI with the login.',
      async send(raw) {
        return raw.redeem(await raw.code(), {
          redirect_uri: REDIRECT_URI.replace('/callback', '/other'),
        });
      },
      right: (raw) => raw.login(),
    },
  },
];
