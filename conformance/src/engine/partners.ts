import { AdapterBroken } from '../adapter/adapter-broken.ts';
import { AdapterProcess } from '../adapter/adapter-process.ts';
import { startAdapter } from '../adapter/start-adapter.ts';
import type { Partner } from './plan.ts';

export type Started = AdapterProcess | AdapterBroken;

/** Adapters to which clients hand over, each started when it is first needed: one does for all subjects of a worker, mutants too. */
export class Partners {
  readonly #started = new Map<string, Promise<Started>>();

  /** The running adapter of an implementation; a new one where the last one has died. */
  async adapter(partner: Partner): Promise<Started> {
    const { name } = partner.implementation;
    const latest = this.#started.get(name);
    const current = await latest;
    // Whoever waited here too may have started the next one already.
    if (latest !== this.#started.get(name)) return this.adapter(partner);
    const died = current instanceof AdapterProcess && current.broken !== undefined;
    if (current && !died) return current;
    const next = tryToStart(partner);
    this.#started.set(name, next);
    return next;
  }

  async end(): Promise<void> {
    for (const started of await Promise.all(this.#started.values()))
      if (started instanceof AdapterProcess) await started.end();
  }
}

/** @param more environment variables */
export async function tryToStart(
  partner: Partner,
  more?: Readonly<Record<string, string>>,
): Promise<Started> {
  try {
    return await startAdapter(partner, more);
  } catch (error) {
    if (error instanceof AdapterBroken) return error;
    throw error;
  }
}
