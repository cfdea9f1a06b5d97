import type { ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { RecordedResponse } from './exchange.ts';
import type { Fault } from './fault.ts';

const CHUNK = Buffer.alloc(64 * 1024, ' ');

/** What became of an answer: `whole` says that all of it was handed to the system, not that somebody read it. */
export type Delivery = 'whole' | 'broken' | 'hung-up';

/** Writes an answer, in the way in which the faults want it to go wrong. */
export async function deliver(
  outgoing: ServerResponse,
  answer: RecordedResponse,
  { breaks, padding }: { [Name in 'breaks' | 'padding']: Fault[Name] | undefined },
): Promise<Delivery> {
  const { socket } = outgoing;
  if (breaks === 'reset') {
    socket?.resetAndDestroy();
    return 'broken';
  }
  if (breaks) {
    const length = breaks === 'short' && { 'Content-Length': Buffer.byteLength(answer.body) + 20 };
    outgoing.writeHead(answer.status, { ...answer.headers, ...length });
    // Then an orderly end of the connection: what was written arrives, and only the framing tells that there should be more.
    outgoing.write(answer.body, () => socket?.end());
    return 'broken';
  }
  if (padding) return padded(outgoing, answer, padding);
  outgoing.writeHead(answer.status, answer.headers);
  const { promise, resolve } = Promise.withResolvers<void>();
  outgoing.end(answer.bytes ?? answer.body, resolve);
  await promise;
  return 'whole';
}

/** The body stays the JSON text that it was: whoever reads all of it can use it. */
async function padded(
  outgoing: ServerResponse,
  { status, headers, body }: RecordedResponse,
  { bytes, gzip }: NonNullable<Fault['padding']>,
): Promise<Delivery> {
  outgoing.writeHead(status, { ...headers, ...(gzip && { 'Content-Encoding': 'gzip' }) });
  const sink = gzip ? createGzip() : outgoing;
  if (sink !== outgoing) sink.pipe(outgoing);
  sink.write(body.slice(0, -1));
  for (let left = bytes; left > 0 && !outgoing.destroyed; left -= CHUNK.length) {
    if (!sink.write(CHUNK.subarray(0, Math.min(left, CHUNK.length)))) await drained(sink, outgoing);
  }
  sink.end(body.slice(-1));
  // It fails when the client has closed the connection.
  return finished(outgoing).then(
    () => 'whole' as const,
    () => 'hung-up' as const,
  );
}

async function drained(sink: NodeJS.WritableStream, outgoing: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  sink.once('drain', resolve);
  outgoing.once('close', resolve);
  await promise;
  sink.off('drain', resolve);
  outgoing.off('close', resolve);
}
