import { edit, mutants } from '../../../src/mutants/mutant.ts';

const NEXT = 'if (response.refreshToken === undefined) return current;';

export default mutants({
  a: edit(
    'refresh_token.ts',
    NEXT,
    'if (response.refreshToken === undefined || current) return current;',
    'keeps the first one',
  ),
  b: edit(
    'refresh_token.ts',
    NEXT,
    'if (response.refreshToken === undefined || current?.renewed) return current;\n  if (current) return Object.assign(new RefreshToken(response.refreshToken, Number.POSITIVE_INFINITY), { renewed: true });',
    'replaces it once only',
    { collateral: ['cache.refresh-expiry'] },
  ),
  c: edit(
    'token_client.ts',
    '    this.#refreshToken = nextRefreshToken(response, sentAt, this.#refreshToken);',
    "    const next = nextRefreshToken(response, sentAt, this.#refreshToken);\n    this.#refreshToken = grant.grant_type === 'refresh_token' ? (this.waiting ?? this.#refreshToken) : next;\n    this.waiting = next;",
    'is one behind',
  ),
  d: edit(
    'token_client.ts',
    '    this.#refreshToken = nextRefreshToken(response, sentAt, this.#refreshToken);',
    '    const next = nextRefreshToken(response, sentAt, this.#refreshToken);\n    setTimeout(() => (this.#refreshToken = next), this.#refreshToken ? 1_000 : 0);\n    this.#refreshToken ??= next;',
    'stores it a second later',
  ),
});
