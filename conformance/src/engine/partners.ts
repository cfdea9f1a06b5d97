import { LastingAdapter, type Started } from './lasting-adapter.ts';
import type { Partner } from './plan.ts';

/** Adapters to which clients hand over: one does for all subjects of a worker, mutants too. */
export class Partners {
  readonly #adapters = new Map<string, LastingAdapter>();

  adapter(partner: Partner): Promise<Started> {
    const { name } = partner.implementation;
    const adapter = this.#adapters.get(name) ?? new LastingAdapter(partner);
    this.#adapters.set(name, adapter);
    return adapter.running();
  }

  async end(): Promise<void> {
    for (const adapter of this.#adapters.values()) await adapter.end();
  }
}
