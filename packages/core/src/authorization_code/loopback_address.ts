import { once } from 'node:events';
import type { Server } from 'node:net';
import { oauthError } from '../error_classes.ts';

// The address, not the name: `localhost` may resolve to another one or to none, and 0.0.0.0 lets the network in (RFC 8252, section 8.3).
const LOOPBACK = '127.0.0.1';

/**
 * The redirect URI on a port (RFC 8252, section 7.3).
 *
 * @param path path and query.
 * @throws OAuthError `config_error` unless port and path can stand in a URI exactly as they are: the server compares it as text
 *   (RFC 9700, section 2.1).
 */
export function loopbackUri(port: number, path: string): string {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw oauthError('config_error', `redirectPort must be a port from 0 to 65535, not ${port}`);
  }
  const url = URL.parse(`http://${LOOPBACK}:${port}${path}`);
  if (!path.startsWith('/') || url?.pathname + (url?.search ?? '') !== path) {
    throw oauthError(
      'config_error',
      'the path of the redirect URI must start with / and be escaped as in a URL, without a fragment',
    );
  }
  return `${url?.origin}${path}`;
}

/**
 * Listens on loopback alone.
 *
 * @returns the port.
 * @throws OAuthError `config_error` when the port is busy or may not be opened.
 */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  try {
    server.listen({ host: LOOPBACK, port });
    await once(server, 'listening');
  } catch (error) {
    const busy = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw oauthError(
      'config_error',
      `port ${port} on ${LOOPBACK} ${busy ? 'is in use' : 'cannot be opened'}: stop what uses it, or set another redirectPort, or none for any free port`,
    );
  }
  const address = server.address();
  return typeof address === 'object' && address ? address.port : port;
}
