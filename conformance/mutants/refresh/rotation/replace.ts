import { edit, mutants } from '../../../src/mutants/mutant.ts';

const NEXT = 'if (response.refreshToken === undefined) return current;';
// A refresh token that was not replaced is sent again, also to be revoked.
const more = { collateral: ['refresh.rt-once', 'sess.revoke'] };
const SAVE = 'await this.#save(record, held);';

export default mutants({
  a: edit(
    'refresh_token.ts',
    NEXT,
    'if (response.refreshToken === undefined || current.refresh_token) return current;',
    'keeps the first one',
    more,
  ),
  b: edit(
    'refresh_token.ts',
    NEXT,
    `const renewed = (nextRefreshToken.renewed ??= new Set());
  if (response.refreshToken === undefined || renewed.has(current.refresh_token)) return current;
  if (current.refresh_token) renewed.add(response.refreshToken);`,
    'replaces it once only',
    more,
  ),
  c: edit(
    'renewal.ts',
    SAVE,
    `const { refresh_token: next } = record;
    if (current.refresh_token) record.refresh_token = this.waiting ?? current.refresh_token;
    this.waiting = current.refresh_token && next;
    ${SAVE}`,
    'is one behind',
    more,
  ),
  d: edit(
    'renewal.ts',
    SAVE,
    `const early = { ...record, refresh_token: current.refresh_token ?? record.refresh_token };
    const saved = await this.#save(early, held);
    setTimeout(() => this.#save(record, saved), current.refresh_token ? 3_000 : 0);`,
    'stores it three seconds later',
    more,
  ),
});
