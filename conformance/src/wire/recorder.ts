import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { deliver } from './delivery.ts';
import {
  type Endpoint,
  type Exchange,
  form,
  type RecordedRequest,
  type RecordedResponse,
} from './exchange.ts';
import { forged, mergedKeySet } from './token-forge.ts';
import { ELSEWHERE, type Fault, FaultSelector } from './fault.ts';

const LARGEST_REQUEST_BYTES = 1024 * 1024;
// A client in a loop must come to an end: no case needs a fifth of this.
const MOST_EXCHANGES = 200;
// Longer than any trial. After the five seconds that are usual, an idle connection would now and then be closed at the very moment at which a client
// on a slow machine sends its next request on it, and a POST cannot be repeated (RFC 9110, section 9.2.2).
const KEPT_ALIVE_MS = 300_000;
// A client that will not stop asks on when its stage is over, and must not reach the one that gets its port next.
const PORT_KEPT_MS = 20_000;
// A browser that comes back to a client whose listener is gone may find the recorder of another trial at its port: that is nothing of this trial.
const STRAY = '/callback';
// Clients wait 30 s for an answer.
const LONGEST_HOLD_MS = 20_000;
const LOOK_MS = 10;

/** What a recorder stands before: it gets each request with the recorder's own origin. */
export type Upstream = (request: RecordedRequest, origin: string) => Promise<RecordedResponse>;

export interface RecorderOptions {
  readonly upstream: Upstream;
  readonly endpointOf: (path: string) => Endpoint;
  readonly faults: readonly Fault[];
  /** Is told of every request, when all of it has arrived and nothing is answered yet. */
  readonly arrived?: ((exchange: Exchange) => void) | undefined;
  /** Is told when an answer is held back for so many milliseconds. */
  readonly held?: ((ms: number) => void) | undefined;
  /** Is told of every exchange when it is over. */
  readonly answered?: ((exchange: Exchange) => void) | undefined;
  /** Where exchanges are appended; several recorders may share one list. */
  readonly wire: Exchange[];
  /** The stage's zero of time, in milliseconds of the monotonic clock. */
  readonly startedAt: number;
}

/** A reverse proxy on a loopback origin of its own, which records every exchange and applies faults. */
export class Recorder {
  readonly #servers: readonly [main: Server, elsewhere: Server];
  readonly #options: RecorderOptions;
  readonly #faults: FaultSelector;
  #origin = '';
  #elsewhere = '';

  private constructor(options: RecorderOptions) {
    this.#options = options;
    this.#faults = new FaultSelector(options.faults);
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      // A client may hang up in the middle, also because a case makes it: that is a finding on the wire, no error here.
      this.#handle(request, response).catch(() => response.destroy());
    };
    const kept = { keepAliveTimeout: KEPT_ALIVE_MS };
    this.#servers = [createServer(kept, handle), createServer(kept, handle)];
  }

  static async open(options: RecorderOptions): Promise<Recorder> {
    const recorder = new Recorder(options);
    const [main, elsewhere] = recorder.#servers;
    recorder.#origin = await listening(main);
    if (JSON.stringify(options.faults).includes(ELSEWHERE)) {
      recorder.#elsewhere = await listening(elsewhere);
    }
    return recorder;
  }

  get origin(): string {
    return this.#origin;
  }

  /** Answers nobody any more. */
  close(): void {
    for (const server of this.#servers.filter(({ listening: is }) => is)) {
      server.removeAllListeners('request');
      server.on('connection', (socket) => socket.destroy());
      server.closeAllConnections();
      server.unref();
      setTimeout(() => server.close(), PORT_KEPT_MS).unref();
    }
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const at = this.#now();
    const request = await recorded(incoming);
    const path = request.target.split('?')[0] ?? '';
    if (path === STRAY) {
      outgoing.writeHead(404).end();
      return;
    }
    const endpoint = this.#options.endpointOf(path);
    const exchange: Exchange = { endpoint, request, at };
    this.#options.wire.push(exchange);
    this.#options.arrived?.(exchange);
    if (this.#options.wire.length > MOST_EXCHANGES) {
      outgoing.destroy();
      return;
    }
    const faults = this.#faults.select(exchange);
    const answer = await this.#answer(exchange, faults);
    for (const { until } of faults) if (until) await this.#answered(until);
    const delayMs = Math.max(0, ...faults.map((fault) => fault.delayMs ?? 0));
    if (delayMs > 0) {
      this.#options.held?.(delayMs);
      await pause(delayMs);
    }
    if (outgoing.destroyed) return;
    const breaks = faults.find((fault) => fault.breaks)?.breaks;
    const padding = faults.find((fault) => fault.padding)?.padding;
    if (breaks !== 'reset') exchange.response = answer;
    if (!breaks && !padding) exchange.answeredAt = this.#now();
    const delivery = await deliver(outgoing, answer, { breaks, padding });
    exchange.hungUp = delivery === 'hung-up';
    if (delivery === 'whole') exchange.answeredAt ??= this.#now();
    this.#options.answered?.(exchange);
  }

  async #answer(exchange: Exchange, faults: readonly Fault[]): Promise<RecordedResponse> {
    const instead = faults.find((fault) => fault.answer)?.answer;
    if (instead) {
      const headers = Object.entries(instead.headers ?? {}).map(
        ([name, value]) => [name, value.replace(ELSEWHERE, this.#elsewhere)] as const,
      );
      return {
        status: instead.status,
        headers: Object.fromEntries(headers),
        body: instead.body ?? '',
      };
    }
    const answer = await this.#options.upstream(exchange.request, this.#origin);
    exchange.upstream = answer;
    const forges = this.#options.faults.some(({ forge }) => forge);
    if (exchange.endpoint === 'jwks' && forges) return mergedKeySet(answer);
    return faults.reduce(changed, answer);
  }

  /** Waits for an exchange that has been answered, or until a client must have given up. */
  async #answered({ endpoint, grant }: NonNullable<Fault['until']>): Promise<void> {
    const isThere = () =>
      this.#options.wire.some(
        (exchange) =>
          exchange.endpoint === endpoint &&
          exchange.answeredAt !== undefined &&
          form(exchange.request).get('grant_type') === grant,
      );
    for (const from = this.#now(); !isThere() && this.#now() - from < LONGEST_HOLD_MS;)
      await pause(LOOK_MS);
  }

  #now(): number {
    return performance.now() - this.#options.startedAt;
  }
}

async function listening(server: Server): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(0, '127.0.0.1', resolve);
  await promise;
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function changed(answer: RecordedResponse, { change, forge }: Fault): RecordedResponse {
  if (forge) return forged(answer, forge);
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
