import { edit, mutants } from '../../src/mutants/mutant.ts';

const CALL = 'await this.getToken({ signal });';

export default mutants({
  a: edit(
    'token_client.ts',
    CALL,
    'await this.getToken({ forceRefresh: true });',
    'a new token for each call',
    {
      collateral: [
        'api.401.*',
        'resp.expires-in.string',
        'resp.no-refresh-token',
        'refresh.single-flight',
        'refresh.invalid-grant.regrant',
        'cache.renew.expired',
        'cache.margin',
        'cache.clock.elapsed',
        'resp.success.validated',
        'sec.*',
        'api.bearer.header',
        'net.retry-after',
        'refresh.newer-token-wins',
        'refresh.id-token.continuity',
        'resp.token-opaque',
      ],
    },
  ),
  b: edit(
    'token_life.ts',
    'if (this.#served && !force &&',
    'if (this.#served && !force && (this.uses = (this.uses ?? 0) + 1) % 25 !== 0 &&',
    'a new token after 25 uses',
  ),
});
