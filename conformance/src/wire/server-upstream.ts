import { Pool } from 'undici';
import type { RecordedResponse } from './exchange.ts';
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

/**
 * Passes requests on to a server, which takes the recorder's origin for its own and names it in issuer and endpoints.
 *
 * @param targetOf the path and query at the server, where they are others than at the recorder.
 */
export function serverUpstream(
  url: string,
  targetOf: (target: string) => string,
): Upstream & { close(): Promise<void> } {
  const pool = new Pool(url, {
    connections: 32,
    headersTimeout: 60_000,
    bodyTimeout: 60_000,
  });
  const upstream: Upstream = async (request, origin) => {
    const { host, port } = new URL(origin);
    const headers = request.headers.filter(([name]) => !DROPPED.has(name.toLowerCase())).flat();
    const answer = await pool.request({
      method: request.method,
      path: targetOf(request.target),
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
    const type = String(answer.headers['content-type'] ?? '');
    const encoded = answer.headers['content-encoding'] !== undefined;
    const head = { status: answer.statusCode, headers: kept(answer.headers) };
    // Pictures, fonts, and what a browser gets compressed: nobody judges these.
    if (encoded || /^(?:image|font|application\/octet)/.test(type))
      return { ...head, body: '', bytes: Buffer.from(await answer.body.arrayBuffer()) };
    return { ...head, body: await answer.body.text() };
  };
  return Object.assign(upstream, { close: () => pool.destroy() });
}

function kept(headers: Record<string, string | string[] | undefined>): RecordedResponse['headers'] {
  const entries = Object.entries(headers).filter(
    ([name, value]) => value !== undefined && !DROPPED.has(name.toLowerCase()),
  );
  return Object.fromEntries(entries) as RecordedResponse['headers'];
}
