import type { Lease, StoredTokens, TokenStore, Versioned } from './token_store.ts';

/**
 * Keeps tokens as long as the process lives. Clients that share one share their tokens and their renewals.
 *
 * @example
 * ```ts
 * const store = new MemoryStore();
 * const settings = settingsFromEnvironment();
 * await new TokenClient({ ...settings, store }).getToken();
 * console.log(await new TokenClient({ ...settings, store }).storedToken());
 * ```
 */
export class MemoryStore implements TokenStore {
  readonly #entries = new Map<string, { tokens: StoredTokens; version: string }>();
  readonly #leases = new Map<string, Promise<unknown>>();
  #versions = 0;

  load(key: string): Promise<Versioned> {
    return Promise.resolve(this.#entries.get(key) ?? { tokens: undefined, version: '' });
  }

  save(
    key: string,
    tokens: StoredTokens | undefined,
    version: string,
  ): Promise<string | undefined> {
    if ((this.#entries.get(key)?.version ?? '') !== version) return Promise.resolve(undefined);
    const next = tokens ? String(++this.#versions) : '';
    if (tokens) this.#entries.set(key, { tokens, version: next });
    else this.#entries.delete(key);
    return Promise.resolve(next);
  }

  async lease<Result>(key: string, work: (lease: Lease) => Promise<Result>): Promise<Result> {
    const before = this.#leases.get(key) ?? Promise.resolve();
    const held = { signal: new AbortController().signal };
    const mine = before.then(() => work(held));
    // Whoever comes next waits for the end of this work, not for its success.
    const ended = mine.then(
      () => undefined,
      () => undefined,
    );
    this.#leases.set(key, ended);
    try {
      return await mine;
    } finally {
      if (this.#leases.get(key) === ended) this.#leases.delete(key);
    }
  }
}
