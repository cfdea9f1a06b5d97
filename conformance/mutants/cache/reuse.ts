import { edit, mutants } from '../../src/mutants/mutant.ts';

const FIT = 'if (this.#token?.isFit(minValidity) && !forceRefresh) return this.#token;';
const CALL = '    const token = await this.getToken();';

export default mutants({
  a: edit(
    'token_client.ts',
    CALL,
    '    const token = await this.getToken({ forceRefresh: true });',
    'a new token for each call',
    {
      collateral: [
        'api.401.*',
        'resp.expires-in.string',
        'resp.no-refresh-token',
        'refresh.single-flight',
        'refresh.invalid-grant.regrant',
        'cache.renew.expired',
        'resp.success.validated',
        'sec.*',
        'api.bearer.header',
      ],
    },
  ),
  b: edit(
    'token_client.ts',
    FIT,
    'if (this.#token?.isFit(minValidity) && !forceRefresh && (this.uses = (this.uses ?? 0) + 1) % 25 !== 0) return this.#token;',
    'a new token after 25 uses',
  ),
});
