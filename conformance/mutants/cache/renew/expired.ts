import { edit, mutants } from '../../../src/mutants/mutant.ts';

const LEFT = 'const left = this.#left();';
// All of them keep a token for too long, which other requirements see when they wait for a token's end.
const collateral = [
  'resp.expires-in.string',
  'refresh.single-flight',
  'cache.refresh-expiry',
  'cache.margin',
  'cache.clock.elapsed',
];
const left = (expression: string, does: string) =>
  edit('token.ts', LEFT, `const left = ${expression};`, does, { collateral });

export default mutants({
  a: left('Infinity', 'sends the stale token and waits for the 401'),
  b: edit(
    'token.ts',
    'this.#lifetimeMs = lifetime * 1000;',
    'this.#lifetimeMs = lifetime * 1000 * 60;',
    'takes seconds for minutes',
    { collateral },
  ),
  // Beyond the margin, in which it would be renewed anyway, and by more than a machine in trouble loses.
  c: left('this.#left() + 5_000 + this.#margin', 'renews five seconds too late'),
  d: left(
    'this.#left() + (this.uses = (this.uses ?? 0) + 1) * 2_000',
    'takes every use for a sign of life',
  ),
});
