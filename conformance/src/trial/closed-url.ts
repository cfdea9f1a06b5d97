import { once } from 'node:events';
import { connect, createServer } from 'node:net';

let held: Promise<string> | undefined;

/**
 * A URL at which nobody listens, and nobody will as long as this process lives: the port is that of the calling end of a connection. A port that was
 * merely free a moment ago may be the next recorder's, and then the request of one trial is on the wire of another.
 */
export function closedUrl(): Promise<string> {
  held ??= hold();
  return held;
}

async function hold(): Promise<string> {
  const server = createServer((socket) => socket.unref())
    .listen(0, '127.0.0.1')
    .unref();
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no TCP address');
  const caller = connect(address.port, '127.0.0.1');
  await once(caller, 'connect');
  caller.unref();
  return `http://127.0.0.1:${caller.localPort}/token`;
}
