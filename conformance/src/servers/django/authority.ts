import { z } from 'zod';
import { CLIENTS, USERS } from '../../trial/clients.ts';
import { reach } from '../../verdict/verdict.ts';
import { type Endpoint, jsonBody } from '../../wire/exchange.ts';
import { serverUpstream } from '../../wire/server-upstream.ts';
import type { Authority, Behind, Seen, ServerName, Settings } from '../server.ts';
import { djangoHarness } from './harness.ts';

const REFRESH_ALIAS = '/refresh-endpoint';
const introspection = z.object({ active: z.boolean() });

type DjangoName = Exclude<ServerName, 'keycloak'>;

/** Where one of the servers has its endpoints; all of them without a final slash. */
interface Layout {
  readonly name: DjangoName;
  readonly authorization: string;
  readonly token: string;
  readonly userinfo?: string;
  readonly jwks?: string;
  readonly discovery?: string;
  readonly introspection: string;
  /** Without grant and endpoints. */
  readonly login: (origin: string) => Partial<Settings>;
}

/**
 * One of the two servers that a Django process runs, as one worker uses it. It has no realms: refresh tokens rotate, as in Keycloak's second one. A program
 * without a person gets refresh tokens by the password grant only.
 */
export function djangoAuthority(url: string, layout: Layout): Authority {
  const { name } = layout;
  const tokenPath = `${layout.token}/`;
  const upstream = serverUpstream(url, (target) => target.replace(REFRESH_ALIAS, tokenPath));
  const harness = djangoHarness(url);

  const isActive = async ({ origin }: Behind, token: string): Promise<boolean> => {
    const { id, secret } = CLIENTS.api;
    const form = new URLSearchParams({ token, client_id: id, client_secret: secret });
    const answer = await upstream(
      {
        method: 'POST',
        target: `${layout.introspection}/`,
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: form.toString(),
      },
      origin,
    );
    return introspection.parse(JSON.parse(answer.body)).active;
  };

  return {
    name,
    upstream,
    endpointOf: (path) => endpointOf(layout, path.replace(/\/$/, '')),
    endpoints: ({ origin }) => ({
      ...(layout.discovery !== undefined && { issuer: origin }),
      authorization: `${origin}${layout.authorization}/`,
      token: `${origin}${tokenPath}`,
      ...(layout.userinfo !== undefined && { userinfo: `${origin}${layout.userinfo}/` }),
    }),
    refreshAlias: ({ origin }) => `${origin}${REFRESH_ALIAS}`,
    service: { grant: 'password', ...USERS.ada },
    login: ({ origin }) => ({ grant: 'authorization_code', ...layout.login(origin) }),
    need: (capability) => (capability === 'client_credentials' ? 'password' : capability),
    // Its tokens are opaque: there is nothing to check but by asking.
    tokenCheck: (behind) =>
      Promise.resolve(async (token) =>
        (await isActive(behind, token)) ? undefined : 'The token is not active',
      ),
    newUser: () => harness.newUser(),
    endSession: (seen) => harness.endSession(lastToken(seen)),
    expireToken: (seen) => harness.expire(lastToken(seen)),
    async remembered({ origin, since }, what) {
      const requests = await harness.memory(new URL(origin).host);
      return requests.filter(
        ({ server, time, grant_type: grant, status }) =>
          server === name &&
          // The port may have been another stage's before.
          time >= since &&
          status === 200 &&
          (grant === 'refresh_token') === (what === 'refresh'),
      ).length;
    },
    close: () => upstream.close(),
  };
}

function lastToken({ tokenRequests }: Seen): string {
  const token = jsonBody(tokenRequests.at(-1)?.upstream)?.['access_token'];
  reach(typeof token === 'string', 'an access token in a token response', 'none');
  return token;
}

function endpointOf(layout: Layout, path: string): Endpoint {
  switch (path) {
    case layout.token:
    case REFRESH_ALIAS:
      return 'token';
    case layout.authorization:
      return 'authorization';
    case layout.userinfo:
      return 'userinfo';
    case layout.jwks:
      return 'jwks';
    case layout.discovery:
      return 'discovery';
    default:
      return 'other';
  }
}
