import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { oauthError } from '../error_classes.ts';
import type { ExpectedCallback } from './authorization_response.ts';
import { CallbackRequests, type Verdict } from './callback_requests.ts';
import { listenOnLoopback, loopbackUri } from './loopback_address.ts';

export interface ListenerOptions {
  readonly expected: ExpectedCallback;
  /** Port on 127.0.0.1. Default 0: any free one, which a server has to allow (RFC 8252, section 7.3). */
  readonly port?: number | undefined;
  /** Path of the redirect URI, and its query if it has one. Default `/callback`. */
  readonly path?: string | undefined;
  /** Milliseconds from the start until the port is closed, whether somebody waits or not. */
  readonly timeLimitMs: number;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;
// A browser sends 127.0.0.1 the cookies of everything that ever ran on any of its ports.
const LARGEST_HEAD_BYTES = 32 * 1024;
const SLOWEST_REQUEST_MS = 10_000;

/**
 * Waits on 127.0.0.1 for the browser to come back from one login (RFC 8252, section 7.3). It never listens on another address, and
 * never says `localhost`, which may mean another one (section 8.3). It does not keep a process alive unless somebody {@link wait}s.
 */
export class LoopbackListener {
  readonly redirectUri: string;
  readonly #server: Server;
  readonly #requests: CallbackRequests;
  readonly #result = Promise.withResolvers<string>();
  readonly #timer: NodeJS.Timeout;
  #closed: Promise<void> | undefined;

  private constructor(server: Server, redirectUri: string, options: ListenerOptions) {
    this.redirectUri = redirectUri;
    this.#server = server;
    this.#requests = new CallbackRequests(redirectUri, options.expected);
    // The browser may be back before anybody waits.
    this.#result.promise.catch(() => {});
    this.#timer = setTimeout(
      () => this.#timeIsUp(options.timeLimitMs),
      options.timeLimitMs,
    ).unref();
    server.on('request', (request, response) => this.#answer(request, response));
    server.on('error', () => this.#end(oauthError('network', 'the loopback listener broke')));
    server.unref();
  }

  /**
   * Opens the port.
   *
   * @throws OAuthError `config_error` when the port is busy or not a port, the path cannot stand in a redirect URI as it is, or the
   *   time limit is none.
   */
  static async start(options: ListenerOptions): Promise<LoopbackListener> {
    const { port = 0, path = '/callback', timeLimitMs } = options;
    if (!(timeLimitMs > 0 && timeLimitMs <= LONGEST_TIMER_MS)) {
      throw oauthError(
        'config_error',
        `timeLimitMs must be over 0 and at most ${LONGEST_TIMER_MS} milliseconds`,
      );
    }
    loopbackUri(port, path);
    const server = createServer({
      maxHeaderSize: LARGEST_HEAD_BYTES,
      headersTimeout: SLOWEST_REQUEST_MS,
      requestTimeout: SLOWEST_REQUEST_MS,
    });
    // A connection on which nothing comes must not hold the process; while somebody waits, the server does.
    server.on('connection', (socket) => socket.unref());
    return new LoopbackListener(
      server,
      loopbackUri(await listenOnLoopback(server, port), path),
      options,
    );
  }

  /**
   * Waits for the callback and closes the port.
   *
   * @param options.signal ends the login.
   * @returns the code.
   * @throws OAuthError what {@link readCallback} throws, `timeout` when nobody came back, `login_required` when the listener was closed;
   *   the signal's reason when it aborts.
   */
  async wait({ signal }: { signal?: AbortSignal | undefined } = {}): Promise<string> {
    const abort = () => this.#result.reject(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    this.#server.ref();
    try {
      return await this.#result.promise;
    } finally {
      signal?.removeEventListener('abort', abort);
      await this.close();
    }
  }

  /** Closes the port and every connection. May be called any number of times; who waits gets `login_required`. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      clearTimeout(this.#timer);
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      this.#result.reject(oauthError('login_required', 'the login was cancelled; begin a new one'));
    });
    return this.#closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method, url, headers } = request;
    const { page, outcome } = this.#requests.judge({ method, url, host: headers.host });
    // Only when the page is out: who waits closes all connections, this one too.
    if (outcome) response.once('close', () => this.#settle(outcome));
    response.writeHead(page.status, page.headers).end(page.body);
  }

  #settle(outcome: NonNullable<Verdict['outcome']>): void {
    if ('code' in outcome) this.#result.resolve(outcome.code);
    else this.#result.reject(outcome.error);
  }

  #timeIsUp(timeLimitMs: number): void {
    const { foreign } = this.#requests;
    const turnedAway = foreign > 0 ? `; callbacks turned away for their state: ${foreign}` : '';
    this.#end(
      oauthError(
        'timeout',
        `login: nobody came back from the browser within ${timeLimitMs / 1000} s${turnedAway}`,
      ),
    );
  }

  #end(error: Error): void {
    this.#result.reject(error);
    void this.close();
  }
}
