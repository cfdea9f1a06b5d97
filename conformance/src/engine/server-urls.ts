import { z } from 'zod';
import { SERVER_NAMES, type ServerName } from '../servers/server.ts';

/** Base URLs of the servers that run. */
export type ServerUrls = Readonly<Partial<Record<ServerName, string>>>;

/** The servers of a run: which is known at once, where they are when the last one is ready. */
export interface StartingServers {
  readonly names: readonly ServerName[];
  readonly urls: Promise<ServerUrls>;
}

const ASKING = 'where?';
const message = z.partialRecord(z.enum(SERVER_NAMES), z.url()).nullable();

/**
 * Tells the workers of a run where its servers are. A worker begins while they still start, and what Vitest provides to it is fixed then.
 *
 * @param channel a name that no other run has.
 * @returns what to call when the workers have ended.
 */
export function announceServers(channel: string, urls: Promise<ServerUrls>): () => void {
  const port = new BroadcastChannel(channel);
  const found = urls.catch(() => null);
  const tell = (): void => void found.then((answer) => port.postMessage(answer));
  // Nothing is kept for whoever opens the channel later: whoever wants to know asks.
  port.addEventListener('message', tell);
  return () => port.close();
}

/** In a worker. @returns undefined if the servers cannot be had. */
export async function announcedServers(channel: string): Promise<ServerUrls | undefined> {
  const port = new BroadcastChannel(channel);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  port.addEventListener('message', (event) => {
    // Other workers ask there too.
    if (event instanceof MessageEvent && event.data !== ASKING) resolve(event.data);
  });
  port.postMessage(ASKING);
  try {
    return message.parse(await promise) ?? undefined;
  } finally {
    port.close();
  }
}
