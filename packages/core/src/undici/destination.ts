import type { TokenClient } from '../token_client.ts';

type Client = Pick<TokenClient, 'isProtected'>;

/**
 * Whether a request goes where the token may go.
 *
 * @param connectsTo the one origin that the dispatcher connects to, whatever a request says; `null` if it has several and does not tell which;
 *   `undefined` if the request decides.
 */
export function destinationCheck(
  client: Client,
  connectsTo: string | null | undefined,
): (origin: string | URL | undefined) => boolean {
  if (connectsTo === null) return () => false;
  const bound = connectsTo === undefined ? undefined : URL.parse(connectsTo)?.origin;
  if (connectsTo !== undefined && !isProtected(client, bound)) return () => false;
  // Most dispatchers serve one origin; parsing it costs more than all the rest of a request here.
  let last: string | undefined;
  let lastProtected = false;
  return (origin) => {
    if (typeof origin !== 'string') {
      if (!origin) return bound !== undefined;
      return client.isProtected(origin) && (bound === undefined || origin.origin === bound);
    }
    if (origin !== last) {
      last = origin;
      lastProtected = isProtected(client, origin, bound);
    }
    return lastProtected;
  };
}

function isProtected(client: Client, origin: string | undefined, bound?: string): boolean {
  const url = origin === undefined ? null : URL.parse(origin);
  return url !== null && client.isProtected(url) && (bound === undefined || url.origin === bound);
}
