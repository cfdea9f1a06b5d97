import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';

type Handler = Dispatcher.DispatchHandler;
type Controller = Dispatcher.DispatchController;

/** A 401 that waits for a new token: with it nobody sees this answer, without it the caller does. */
export class HeldAnswer {
  readonly #status: number;
  readonly #headers: IncomingHttpHeaders;
  readonly #message: string | undefined;
  readonly #chunks: Buffer[] = [];
  #trailers: IncomingHttpHeaders | undefined;
  #error: Error | undefined;

  constructor(status: number, headers: IncomingHttpHeaders, message: string | undefined) {
    this.#status = status;
    this.#headers = headers;
    this.#message = message;
  }

  /** Whether nothing more comes: an answer can end although it is paused. */
  get ended(): boolean {
    return this.#trailers !== undefined || this.#error !== undefined;
  }

  data(chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  end(trailers: IncomingHttpHeaders): void {
    this.#trailers = trailers;
  }

  fail(error: Error): void {
    this.#error = error;
  }

  /** Tells a handler all that has come so far; the rest comes by itself. */
  replay(handler: Handler, controller: Controller): void {
    handler.onResponseStart?.(controller, this.#status, this.#headers, this.#message);
    for (const chunk of this.#chunks) handler.onResponseData?.(controller, chunk);
    if (this.#error) handler.onResponseError?.(controller, this.#error);
    else if (this.#trailers) handler.onResponseEnd?.(controller, this.#trailers);
  }
}
