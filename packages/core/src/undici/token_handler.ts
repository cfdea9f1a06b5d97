import type { IncomingHttpHeaders } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Token } from '../token.ts';
import type { TokenClient } from '../token_client.ts';
import { withAuthorization } from './bearer_header.ts';
import { HeldAnswer } from './held_answer.ts';
import { isRefusal, isRepeatable } from './refusal.ts';
import { SteadyController } from './steady_controller.ts';

type Controller = Dispatcher.DispatchController;

/** An answer that nobody wants is read to its end, for the connection's sake, unless it is longer. */
const LONGEST_UNWANTED_BYTES = 64 * 1024;

/**
 * One request with a token. `open`: the caller's handler hears what happens. `held`: a 401 waits for a new token. `unwanted`: there is one, and
 * the request is repeated once the 401 is read. `over`: the handler has been told of an error, and hears nothing more.
 */
type Phase = 'open' | 'held' | 'unwanted' | 'over';

export class TokenHandler implements Dispatcher.DispatchHandler {
  readonly #client: TokenClient;
  readonly #dispatch: Dispatcher.Dispatch;
  readonly #handler: Dispatcher.DispatchHandler;
  readonly #controller = new SteadyController(this);
  #options: Dispatcher.DispatchOptions;
  #phase: Phase = 'open';
  #token: Token | undefined;
  #repeated = false;
  #held: HeldAnswer | undefined;
  #unwantedBytes = 0;
  /** Of undici's redirects: the addresses that have answered so far. */
  #history: readonly URL[] | undefined;

  constructor(
    client: TokenClient,
    dispatch: Dispatcher.Dispatch,
    options: Dispatcher.DispatchOptions,
    handler: Dispatcher.DispatchHandler,
  ) {
    this.#client = client;
    this.#dispatch = dispatch;
    this.#options = options;
    this.#handler = handler;
  }

  /** @returns what undici's `dispatch` does: whether the next request may follow at once. */
  start(): boolean {
    const token = this.#client.freshToken();
    if (token) return this.#send(token);
    // Whoever has no controller cannot give up while the token is waited for. Undici may call this several times, too.
    this.#handler.onRequestStart?.(this.#controller, {});
    if (!this.#controller.aborted) void this.#sendLater();
    return true;
  }

  async #sendLater(): Promise<void> {
    try {
      const token = await this.#client.getToken();
      if (this.#phase === 'open') this.#send(token);
    } catch (error) {
      this.#fail(error);
    }
  }

  #send(token: Token): boolean {
    this.#token = token;
    this.#controller.target = undefined;
    const authorization = `Bearer ${token.accessToken.reveal()}`;
    const headers = withAuthorization(this.#options.headers, authorization);
    this.#options = { ...this.#options, headers };
    return this.#dispatch(this.#options, this);
  }

  #fail(error: unknown): void {
    if (this.#phase === 'over') return;
    this.#phase = 'over';
    this.#handler.onResponseError?.(this.#controller, error as Error);
  }

  /** The caller gives up. Of an attempt that is under way undici tells the handler itself. */
  aborted(reason: Error): void {
    if (this.#phase !== 'open' || !this.#controller.target) this.#fail(reason);
  }

  onRequestStart(controller: Controller, context: { readonly history?: readonly URL[] }): void {
    this.#controller.target = controller;
    this.#history = context?.history;
    if (this.#phase === 'over') controller.abort(this.#controller.reason as Error);
    else this.#handler.onRequestStart?.(this.#controller, context);
  }

  onRequestUpgrade(
    _controller: Controller,
    status: number,
    headers: IncomingHttpHeaders,
    socket: Duplex,
  ): void {
    this.#handler.onRequestUpgrade?.(this.#controller, status, headers, socket);
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: IncomingHttpHeaders,
    message?: string,
  ): void {
    if (this.#phase !== 'open') return;
    if (this.#token && this.#isFromApi()) {
      if (!isRefusal(status, headers)) {
        this.#client.acceptedToken(this.#token);
      } else if (this.#repeated) {
        void this.#client.replaceToken(this.#token, true);
      } else if (isRepeatable(this.#options)) {
        controller.pause();
        this.#phase = 'held';
        this.#held = new HeldAnswer(status, headers, message);
        void this.#replace(this.#held, this.#token);
        return;
      } else {
        // The next request asks again and hears why it fails.
        this.#client.replaceToken(this.#token).catch(() => undefined);
      }
    }
    this.#handler.onResponseStart?.(this.#controller, status, headers, message);
  }

  /** An address that was redirected to had no token to refuse. */
  #isFromApi(): boolean {
    const answering = this.#history?.at(-1);
    return !answering || this.#client.isProtected(answering);
  }

  async #replace(held: HeldAnswer, refused: Token): Promise<void> {
    try {
      this.#token = await this.#client.replaceToken(refused);
      if (this.#phase !== 'held') return;
      if (!this.#token) return this.#release(held);
      this.#phase = 'unwanted';
      if (held.ended) this.#repeat();
    } catch (error) {
      this.#fail(error);
    }
    if (!held.ended) this.#controller.target?.resume();
  }

  #release(held: HeldAnswer): void {
    this.#phase = 'open';
    held.replay(this.#handler, this.#controller);
    if (!held.ended && !this.#controller.paused) this.#controller.target?.resume();
  }

  #repeat(): void {
    this.#phase = 'open';
    this.#repeated = true;
    try {
      this.#send(this.#token as Token);
    } catch (error) {
      this.#fail(error);
    }
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#phase === 'open') this.#handler.onResponseData?.(this.#controller, chunk);
    else if (this.#phase === 'held') this.#held?.data(chunk);
    else {
      this.#unwantedBytes += chunk.length;
      const tooLong = this.#unwantedBytes > LONGEST_UNWANTED_BYTES;
      if (tooLong) controller.abort(new Error('an answer that nobody wants is too long'));
    }
  }

  onResponseEnd(_controller: Controller, trailers: IncomingHttpHeaders): void {
    if (this.#phase === 'open') this.#handler.onResponseEnd?.(this.#controller, trailers);
    else if (this.#phase === 'held') this.#held?.end(trailers);
    else if (this.#phase === 'unwanted') this.#repeat();
  }

  onResponseError(_controller: Controller | null, error: Error): void {
    if (this.#phase === 'held') this.#held?.fail(error);
    else if (this.#phase === 'unwanted') this.#repeat();
    else this.#fail(error);
  }

  onResponseStarted(): void {
    this.#handler.onResponseStarted?.();
  }

  onBodySent(chunk: Buffer): void {
    this.#handler.onBodySent?.(chunk);
  }

  onRequestSent(): void {
    this.#handler.onRequestSent?.();
  }
}
