import { LastingAdapter } from './lasting-adapter.ts';
import type { Partner, SubjectPlan } from './plan.ts';

/** The adapters of a worker to which clients hand over. A partner that is tried in the same worker has one adapter for both. */
export class Partners {
  readonly #names: ReadonlySet<string>;
  readonly #adapters = new Map<string, LastingAdapter>();

  constructor(subjects: readonly Pick<SubjectPlan, 'partners'>[]) {
    const partners = subjects.flatMap((subject) => subject.partners);
    this.#names = new Set(partners.map(({ implementation }) => implementation.name));
  }

  /** Whether somebody may hand over to this one. */
  has({ implementation }: Partner): boolean {
    return this.#names.has(implementation.name);
  }

  /** The adapter of a partner, which lasts until all subjects are done. */
  adapter(partner: Partner): LastingAdapter {
    const { name } = partner.implementation;
    const adapter = this.#adapters.get(name) ?? new LastingAdapter(partner);
    this.#adapters.set(name, adapter);
    return adapter;
  }

  async end(): Promise<void> {
    for (const adapter of this.#adapters.values()) await adapter.end();
  }
}
