import { edit, mutants } from '../../src/mutants/mutant.ts';

const REQUEST = 'return requestToken(url, this.credentials, fields, this.transport, log);';

/** @param when which grants are repeated. @param times in all. */
const again = (when: string, times: number, does: string, collateral: readonly string[]) =>
  edit(
    'authorization_server.ts',
    REQUEST,
    `for (let left = ${times}; ; left--) {
      try {
        return await requestToken(url, this.credentials, fields, this.transport, log);
      } catch (error) {
        if (left <= 1 || !(error.httpStatus >= 500) || !(${when})) throw error;
      }
    }`,
    does,
    { collateral },
  );

export default mutants({
  a: again("grant.grant_type === 'client_credentials'", 50, 'goes on asking', [
    'cache.failure-not-cached',
    'err.*',
  ]),
  b: again("grant.grant_type === 'authorization_code'", 2, 'sends a code again', []),
  c: again("grant.grant_type === 'refresh_token'", 2, 'sends a refresh token again', [
    'net.retry-after',
    'refresh.failure.state',
    'refresh.rt-once',
  ]),
});
