import { AdapterBroken } from '../adapter/adapter-broken.ts';
import { AdapterProcess } from '../adapter/adapter-process.ts';
import { startAdapter } from '../adapter/start-adapter.ts';
import type { Partner } from './plan.ts';

export type Started = AdapterProcess | AdapterBroken;

// A client that dies in one trial must not take the others with it; one that always dies is not started for ever.
const MOST_STARTS = 4;

/** The adapter that many trials share: started when it is first needed, and again where it has died. */
export class LastingAdapter {
  readonly #implementation: Partner;
  readonly #starts: Promise<Started>[] = [];

  constructor(implementation: Partner) {
    this.#implementation = implementation;
  }

  /** The running one; the last one where it has died too often. */
  async running(): Promise<Started> {
    const latest = this.#starts.at(-1);
    const current = await latest;
    // Whoever waited here too may have started the next one already.
    if (latest !== this.#starts.at(-1)) return this.running();
    const died = current instanceof AdapterProcess && current.broken !== undefined;
    if (current && (!died || this.#starts.length >= MOST_STARTS)) return current;
    const next = tryToStart(this.#implementation);
    this.#starts.push(next);
    return next;
  }

  /** All that were started so far, the first one first. */
  started(): Promise<Started[]> {
    return Promise.all(this.#starts);
  }

  async end(): Promise<void> {
    for (const started of await this.started())
      if (started instanceof AdapterProcess) await started.end();
  }
}

/** @param more environment variables */
export async function tryToStart(
  implementation: Partner,
  more?: Readonly<Record<string, string>>,
): Promise<Started> {
  try {
    return await startAdapter(implementation, more);
  } catch (error) {
    if (error instanceof AdapterBroken) return error;
    throw error;
  }
}
