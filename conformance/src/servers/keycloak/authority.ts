import { createLocalJWKSet, decodeJwt, errors, type JSONWebKeySet, jwtVerify } from 'jose';
import { z } from 'zod';
import type { TokenCheck } from '../../api/ticketing-api.ts';
import { CLIENTS } from '../../trial/clients.ts';
import { newUser } from './new-user.ts';
import { reach } from '../../verdict/verdict.ts';
import { jsonBody } from '../../wire/exchange.ts';
import { serverUpstream } from '../../wire/server-upstream.ts';
import type { Authority, Behind, Realm, Seen } from '../server.ts';
import { type AdminApi, adminApi } from './admin-api.ts';

const OPENID = '/protocol/openid-connect';
const TOKEN = `${OPENID}/token`;
const REFRESH_ALIAS = '/refresh-endpoint';
const AUDIENCE = 'ticketing-api';
// Only to keep the server from looking through the events of a whole run: its clock may be another one.
const EARLIER_MS = 60_000;
const EVENTS = { grant: 'CLIENT_LOGIN', refresh: 'REFRESH_TOKEN' } as const;

const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const introspection = z.object({ active: z.boolean() });

/** The running Keycloak as one worker uses it. */
export function keycloakAuthority(url: string): Authority {
  const upstream = serverUpstream(url, (target) => target.replace(REFRESH_ALIAS, TOKEN));
  const keySets = new Map<Realm, Promise<JSONWebKeySet>>();
  const admins = new Map<Realm, AdminApi>();

  const admin = (realm: Realm): AdminApi => {
    const known = admins.get(realm) ?? adminApi({ url }, realm);
    admins.set(realm, known);
    return known;
  };

  const keySet = (realm: Realm): Promise<JSONWebKeySet> => {
    const known = keySets.get(realm) ?? fetchKeySet(realm);
    keySets.set(realm, known);
    return known;
  };

  const fetchKeySet = async (realm: Realm): Promise<JSONWebKeySet> => {
    const target = `/realms/${realm}${OPENID}/certs`;
    const answer = await upstream({ method: 'GET', target, headers: [], body: '' }, url);
    return jwkSet.parse(JSON.parse(answer.body));
  };

  /** RFC 7662, through the recorder's origin, because a token is only valid under the issuer that it names. */
  const isActive = async ({ origin, realm }: Behind, token: string): Promise<boolean> => {
    const { id, secret } = CLIENTS.api;
    const form = new URLSearchParams({ token, client_id: id, client_secret: secret });
    const answer = await upstream(
      {
        method: 'POST',
        target: `/realms/${realm}${TOKEN}/introspect`,
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: form.toString(),
      },
      origin,
    );
    return introspection.parse(JSON.parse(answer.body)).active;
  };

  const issuer = ({ origin, realm }: Behind): string => `${origin}/realms/${realm}`;

  return {
    name: 'keycloak',
    upstream,
    endpointOf(path) {
      if (path.endsWith(TOKEN) || path.endsWith(REFRESH_ALIAS)) return 'token';
      if (path.endsWith('/.well-known/openid-configuration')) return 'discovery';
      if (path.endsWith(`${OPENID}/certs`)) return 'jwks';
      if (path.endsWith(`${OPENID}/auth`)) return 'authorization';
      if (path.endsWith(`${OPENID}/userinfo`)) return 'userinfo';
      if (path.endsWith(`${OPENID}/revoke`)) return 'revocation';
      if (path.endsWith(`${OPENID}/logout`)) return 'end_session';
      return 'other';
    },
    endpoints: (behind) => ({
      issuer: issuer(behind),
      authorization: `${issuer(behind)}${OPENID}/auth`,
      token: `${issuer(behind)}${TOKEN}`,
      userinfo: `${issuer(behind)}${OPENID}/userinfo`,
    }),
    refreshAlias: (behind) => `${issuer(behind)}${REFRESH_ALIAS}`,
    service: { grant: 'client_credentials' },
    login: (behind) => ({
      grant: 'authorization_code',
      issuer: issuer(behind),
      scope: 'openid profile email',
    }),
    need: (capability) => capability,
    async tokenCheck(behind, introspecting): Promise<TokenCheck> {
      const keys = createLocalJWKSet(await keySet(behind.realm));
      const claims = { issuer: issuer(behind), audience: AUDIENCE, algorithms: ['RS256'] };
      return async (token) => {
        try {
          await jwtVerify(token, keys, claims);
        } catch (error) {
          return error instanceof errors.JOSEError ? error.code : 'not verified';
        }
        return introspecting && !(await isActive(behind, token))
          ? 'The session has ended'
          : undefined;
      };
    },
    newUser: (realm) => newUser(admin(realm)),
    async endSession(seen) {
      const session = sessions(seen).at(-1);
      reach(session !== undefined, 'a session_state in a token response', 'none');
      await admin(seen.realm).deleteSession(session);
    },
    async logOutPerson({ realm, tokenRequests }) {
      const token = jsonBody(tokenRequests.at(-1)?.upstream)?.['access_token'];
      reach(typeof token === 'string', 'an access token', 'none');
      await admin(realm).logOutUser(decodeJwt(token).sub ?? '');
    },
    rotateKeys: ({ realm }) => admin(realm).addSigningKey(),
    async remembered(seen, what) {
      const events = await Promise.all(
        sessions(seen).map((sessionId) =>
          admin(seen.realm).events({
            sessionId,
            types: [EVENTS[what]],
            since: seen.since - EARLIER_MS,
          }),
        ),
      );
      return events.flat().length;
    },
    close: () => upstream.close(),
  };
}

function sessions({ tokenRequests }: Seen): string[] {
  const named = tokenRequests.map(({ upstream }) => jsonBody(upstream)?.['session_state']);
  return [...new Set(named.filter((session) => typeof session === 'string'))];
}
