import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FIELDS = 'refresh_token: tokens.refresh_token };';

export default mutants({
  a: edit(
    'renewal.ts',
    FIELDS,
    'refresh_token: tokens.refresh_token, scope: this.#parts.scope };',
    'asks for what is configured',
  ),
  'a-more': edit(
    'renewal.ts',
    FIELDS,
    'refresh_token: tokens.refresh_token, scope: this.#parts.scope && `${tokens.scope} tickets.write` };',
    'asks for a scope more',
  ),
});
