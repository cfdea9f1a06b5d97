import { edit, mutants } from '../../src/mutants/mutant.ts';

const STALE = 'if (await removeIfStale(lock, mine)) continue;';
const READ = 'work(this.#newest(await store.load(key), isLeased));';

export default mutants({
  a: edit(
    'store/shared_file.ts',
    'const lock = await takeLock(file, { limitMs: this.#limitMs, since });',
    'const lock = { held: () => Promise.resolve(true), release: () => Promise.resolve() };',
    'a lock inside of the process only',
    { collateral: ['refresh.hand-over'] },
  ),
  b: {
    does: 'decides on what it has read before it had the lock',
    collateral: ['refresh.hand-over', 'refresh.newer-token-wins'],
    edits: [
      {
        file: 'renewal.ts',
        find: READ,
        replace: 'work((this.known ??= this.#newest(await store.load(key), isLeased)));',
      },
      {
        file: 'renewal.ts',
        find: 'return { tokens, version, isLeased, isUnsaved: false };',
        replace: 'return (this.known = { tokens, version, isLeased, isUnsaved: false });',
      },
      // Or the store's refusal of the mark would save it.
      {
        file: 'renewal.ts',
        find: 'if (marked.tokens?.refresh_sent_at !== sentAt) return this.#theirs(marked);',
        replace: '',
      },
    ],
  },
  c: edit(
    'store/file_lock.ts',
    STALE,
    `if (performance.now() - since > 100) await rm(lock, { force: true });\n      ${STALE}`,
    'takes a lock that is older than 100 ms for dead',
    { collateral: ['refresh.hand-over'] },
  ),
  d: edit(
    'store/shared_file.ts',
    'options.lockLimitMs ?? LOCK_LIMIT_MS',
    'options.lockLimitMs ?? 100',
    'gives up when the lock is not free within 100 ms',
    { collateral: ['refresh.hand-over'] },
  ),
});
