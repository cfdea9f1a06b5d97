import { Pool } from 'undici';
import type { Endpoint, RecordedResponse } from './exchange.ts';
import type { Upstream } from './recorder.ts';

// Hop-by-hop headers belong to one connection (RFC 9110, section 7.6.1); the length is set anew because a fault may change the body.
const DROPPED = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'host',
  'expect',
  'http2-settings',
]);

const TOKEN_PATH = '/protocol/openid-connect/token';

/** A second path of the token endpoint, for clients that are given a refresh endpoint of its own. */
export const REFRESH_ALIAS = '/refresh-endpoint';

/** Passes requests on to a Keycloak, which takes the recorder's origin for its own and names it in issuer and endpoints. */
export function keycloakUpstream(keycloakUrl: string): Upstream & { close(): Promise<void> } {
  const pool = new Pool(keycloakUrl, {
    connections: 32,
    headersTimeout: 30_000,
    bodyTimeout: 30_000,
  });
  const upstream: Upstream = async (request, origin) => {
    const { host, port } = new URL(origin);
    const headers = request.headers.filter(([name]) => !DROPPED.has(name.toLowerCase())).flat();
    const answer = await pool.request({
      method: request.method,
      path: request.target.replace(REFRESH_ALIAS, TOKEN_PATH),
      headers: [
        ...headers,
        'Host',
        host,
        'X-Forwarded-Host',
        host,
        'X-Forwarded-Port',
        port,
        'X-Forwarded-Proto',
        'http',
      ],
      body: request.body === '' ? null : request.body,
    });
    return {
      status: answer.statusCode,
      headers: kept(answer.headers),
      body: await answer.body.text(),
    };
  };
  return Object.assign(upstream, { close: () => pool.destroy() });
}

function kept(headers: Record<string, string | string[] | undefined>): RecordedResponse['headers'] {
  const entries = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !DROPPED.has(name.toLowerCase()),
  );
  return Object.fromEntries(entries) as RecordedResponse['headers'];
}

export function keycloakEndpoint(path: string): Endpoint {
  if (path.endsWith(TOKEN_PATH) || path.endsWith(REFRESH_ALIAS)) return 'token';
  if (path.endsWith('/.well-known/openid-configuration')) return 'discovery';
  if (path.endsWith('/protocol/openid-connect/certs')) return 'jwks';
  return 'other';
}
