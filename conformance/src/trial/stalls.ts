const TICK_MS = 50;
/** Later than a busy event loop is. */
const STALL_MS = 500;

/** When this process could not do anything: the machine was stopped, or had no time for it. What a clock says across such a time says nothing about a client. */
class Stalls {
  readonly #seen: { readonly from: number; readonly to: number }[] = [];
  #tickedAt = performance.now();

  constructor() {
    setInterval(() => this.#tick(), TICK_MS).unref();
  }

  #tick(): void {
    const now = performance.now();
    if (now - this.#tickedAt - TICK_MS > STALL_MS)
      this.#seen.push({ from: this.#tickedAt, to: now });
    this.#tickedAt = now;
  }

  /** Milliseconds of a time, from and to as `performance.now()` counts them, that were stalls. */
  within(from: number, to: number): number {
    // One that has just ended has not been noticed yet.
    this.#tick();
    return this.#seen.reduce(
      (sum, stall) => sum + Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)),
      0,
    );
  }
}

export const stalls = new Stalls();
