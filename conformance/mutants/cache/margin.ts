import { edit, mutants } from '../../src/mutants/mutant.ts';

const SHARE = 'const MARGIN_SHARE = 0.1;';
const MARGIN = 'this.#margin = Math.min(LONGEST_MARGIN_S, lifetime * MARGIN_SHARE) * 1000;';

export default mutants({
  a: edit('token.ts', SHARE, 'const MARGIN_SHARE = 0;', 'has no margin'),
  b: edit('token.ts', MARGIN, 'this.#margin = 60_000;', 'renews a short-lived token at each call', {
    collateral: ['resp.expires-in.string'],
  }),
  'b-share': edit(
    'token.ts',
    MARGIN,
    'this.#margin = Math.max(30, lifetime * MARGIN_SHARE) * 1000;',
    'has a margin of 30 s at least',
    { collateral: ['resp.expires-in.string'] },
  ),
});
