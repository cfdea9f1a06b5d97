import { edit, mutants } from '../../../src/mutants/mutant.ts';

const RENEW = 'await this.getToken({ forceRefresh: token === this.#token });';
const REPEAT = 'return accepted(await sendWithToken(url, init, renewed), url, init);';
const FIRST = 'if (response.status !== 401 || !canRepeat(init)) return';

export default mutants({
  a: edit(
    'token_client.ts',
    FIRST,
    'if (response.status !== 0) return',
    'surfaces the 401 at once',
    { collateral: ['api.401.bounded'] },
  ),
  b: edit('token_client.ts', RENEW, 'await this.getToken();', 'repeats without renewing', {
    collateral: ['api.401.bounded'],
  }),
  c: edit(
    'token_client.ts',
    REPEAT,
    'return accepted(response, url, init);',
    'renews and does not repeat',
    { collateral: ['api.401.bounded'] },
  ),
  d: edit(
    'token_client.ts',
    REPEAT,
    REPEAT.replace('renewed', 'token'),
    'repeats with the refused token',
  ),
  e: edit(
    'token_client.ts',
    REPEAT,
    'return accepted(await sendWithToken(url, { ...init, body: null }, renewed), url, init);',
    'repeats without the body',
  ),
  f: edit(
    'token_client.ts',
    FIRST,
    "if (response.status !== 401 || (init.method ?? 'GET') !== 'GET') return",
    'repeats GET only',
  ),
  g: edit(
    'token_client.ts',
    RENEW,
    `${RENEW.slice(0, -1)}.then(() => this.getToken({ forceRefresh: true }));`,
    'renews twice',
    { collateral: ['api.401.bounded'] },
  ),
  h: edit(
    'token_client.ts',
    REPEAT,
    "return accepted(await sendWithToken(url, { ...init, method: 'GET', body: null }, renewed), url, init);",
    'repeats with GET',
  ),
});
