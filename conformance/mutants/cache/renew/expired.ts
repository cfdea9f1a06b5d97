import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FIT =
  'return this.#goodUntil - performance.now() > Math.max(minValidity, this.#margin) * 1000;';
// All of them keep a token for too long, which other requirements see when they wait for a token's end.
const collateral = ['resp.expires-in.string', 'refresh.single-flight', 'cache.refresh-expiry'];

export default mutants({
  a: edit('token.ts', FIT, 'return true;', 'sends the stale token and waits for the 401', {
    collateral,
  }),
  b: edit(
    'token.ts',
    '    this.#goodUntil = sentAt + lifetime * 1000;',
    '    this.#goodUntil = sentAt + lifetime * 1000 * 60;',
    'takes seconds for minutes',
    { collateral },
  ),
  c: edit(
    'token.ts',
    FIT,
    'return this.#goodUntil - performance.now() > -1_000;',
    'renews a second too late',
    { collateral },
  ),
  d: edit(
    'token.ts',
    FIT,
    'this.#goodUntil = Math.max(this.#goodUntil, performance.now() + 1_000); return this.#goodUntil - performance.now() > Math.max(minValidity, this.#margin) * 1000;',
    'takes every use for a sign of life',
    { collateral },
  ),
});
