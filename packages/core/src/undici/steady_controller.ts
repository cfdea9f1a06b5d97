import type { Dispatcher } from 'undici';

type DispatchController = Dispatcher.DispatchController;
type Raw = NonNullable<DispatchController['rawHeaders']> | null;

/**
 * One controller for the caller's handler, whichever attempt is under way: undici makes a new one for each, and a handler may keep the first.
 */
export class SteadyController implements DispatchController {
  /** That of the attempt under way. */
  target: DispatchController | undefined;
  readonly #onAbort: { aborted(reason: Error): void };
  #paused = false;
  #reason: Error | null = null;

  /** @param onAbort is told before the attempt under way is ended. */
  constructor(onAbort: { aborted(reason: Error): void }) {
    this.#onAbort = onAbort;
  }

  abort(reason?: Error): void {
    if (this.aborted) return;
    this.#reason = reason ?? new DOMException('This operation was aborted', 'AbortError');
    this.#onAbort.aborted(this.#reason);
    this.target?.abort(this.#reason);
  }

  pause(): void {
    this.#paused = true;
    this.target?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.target?.resume();
  }

  get paused(): boolean {
    return this.#paused;
  }

  get aborted(): boolean {
    return this.#reason !== null || (this.target?.aborted ?? false);
  }

  get reason(): Error | null {
    return this.#reason ?? this.target?.reason ?? null;
  }

  get rawHeaders(): Raw {
    return this.target?.rawHeaders ?? null;
  }

  // Undici's decompression writes them.
  set rawHeaders(value: Raw) {
    if (this.target) this.target.rawHeaders = value;
  }

  get rawTrailers(): Raw {
    return this.target?.rawTrailers ?? null;
  }

  set rawTrailers(value: Raw) {
    if (this.target) this.target.rawTrailers = value;
  }
}
