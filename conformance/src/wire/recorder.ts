import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Endpoint, Exchange, RecordedRequest, RecordedResponse } from './exchange.ts';
import { type Fault, FaultSelector } from './fault.ts';

const LARGEST_REQUEST_BYTES = 1024 * 1024;
// A client in a loop must come to an end: no case needs a fifth of this.
const MOST_EXCHANGES = 200;

/** What a recorder stands before: it gets each request with the recorder's own origin. */
export type Upstream = (request: RecordedRequest, origin: string) => Promise<RecordedResponse>;

export interface RecorderOptions {
  readonly upstream: Upstream;
  readonly endpointOf: (path: string) => Endpoint;
  readonly faults: readonly Fault[];
  /** Where exchanges are appended; several recorders may share one list. */
  readonly wire: Exchange[];
  /** The stage's zero of time, in milliseconds of the monotonic clock. */
  readonly startedAt: number;
}

/** A reverse proxy on a loopback origin of its own, which records every exchange and applies faults. */
export class Recorder {
  readonly #server: Server;
  readonly #options: RecorderOptions;
  readonly #faults: FaultSelector;
  #origin = '';

  private constructor(options: RecorderOptions) {
    this.#options = options;
    this.#faults = new FaultSelector(options.faults);
    this.#server = createServer((request, response) => {
      // A client may hang up in the middle, also because a case makes it: that is a finding on the wire, no error here.
      this.#handle(request, response).catch(() => response.destroy());
    });
  }

  static async open(options: RecorderOptions): Promise<Recorder> {
    const recorder = new Recorder(options);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    recorder.#server.once('error', reject).listen(0, '127.0.0.1', resolve);
    await promise;
    const { port } = recorder.#server.address() as AddressInfo;
    recorder.#origin = `http://127.0.0.1:${port}`;
    return recorder;
  }

  get origin(): string {
    return this.#origin;
  }

  async close(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await promise;
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const at = this.#now();
    const request = await recorded(incoming);
    const endpoint = this.#options.endpointOf(request.target.split('?')[0] ?? '');
    const exchange: Exchange = { endpoint, request, at };
    this.#options.wire.push(exchange);
    if (this.#options.wire.length > MOST_EXCHANGES) {
      outgoing.destroy();
      return;
    }
    const faults = this.#faults.select(exchange);
    const answer = await this.#answer(exchange, faults);
    const delayMs = Math.max(0, ...faults.map((fault) => fault.delayMs ?? 0));
    if (delayMs > 0) await pause(delayMs);
    if (outgoing.destroyed) return;
    outgoing.writeHead(answer.status, answer.headers);
    const { promise, resolve } = Promise.withResolvers<void>();
    exchange.response = answer;
    exchange.answeredAt = this.#now();
    outgoing.end(answer.body, resolve);
    await promise;
  }

  async #answer(exchange: Exchange, faults: readonly Fault[]): Promise<RecordedResponse> {
    const instead = faults.find((fault) => fault.answer)?.answer;
    if (instead)
      return { status: instead.status, headers: instead.headers ?? {}, body: instead.body ?? '' };
    const answer = await this.#options.upstream(exchange.request, this.#origin);
    exchange.upstream = answer;
    return faults.reduce(changed, answer);
  }

  #now(): number {
    return performance.now() - this.#options.startedAt;
  }
}

function changed(answer: RecordedResponse, { change }: Fault): RecordedResponse {
  if (!change) return answer;
  const json =
    change.json && JSON.stringify({ ...(JSON.parse(answer.body) as object), ...change.json });
  return {
    status: change.status ?? answer.status,
    headers: { ...answer.headers, ...change.headers },
    body: change.body ?? json ?? answer.body,
  };
}

async function recorded(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LARGEST_REQUEST_BYTES) throw new Error('request over the limit');
    chunks.push(chunk);
  }
  const { rawHeaders } = incoming;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2)
    headers.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return {
    method: incoming.method ?? '',
    target: incoming.url ?? '',
    headers,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
