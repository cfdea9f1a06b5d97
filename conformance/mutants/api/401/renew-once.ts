import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FIRST = 'if (!refusesToken(response)) {';
const RENEW = 'const renewed = await abortable(this.#life.replace(token), signal);';
const REPEAT = 'const repeated = await send(renewed);';
const repeat = (init: string, does: string) =>
  edit(
    'token_client.ts',
    REPEAT,
    `const repeated = await sendWithToken(url, ${init}, renewed, this.#settings.fetch);`,
    does,
  );

export default mutants({
  a: edit('token_client.ts', FIRST, 'if (response.status !== 0) {', 'surfaces the 401 at once', {
    collateral: ['api.401.bounded', 'api.401.schemeless', 'refresh.newer-token-wins'],
  }),
  b: edit(
    'token_client.ts',
    RENEW,
    'const renewed = await this.getToken();',
    'repeats without renewing',
    { collateral: ['api.401.bounded', 'api.401.schemeless', 'refresh.newer-token-wins'] },
  ),
  c: edit('token_client.ts', REPEAT, 'const repeated = response;', 'renews and does not repeat', {
    collateral: ['api.401.bounded', 'api.401.schemeless', 'refresh.newer-token-wins'],
  }),
  d: edit(
    'token_client.ts',
    REPEAT,
    'const repeated = await send(token);',
    'repeats with the refused token',
    { collateral: ['api.401.schemeless', 'refresh.newer-token-wins'] },
  ),
  e: repeat('{ ...init, body: null }', 'repeats without the body'),
  f: edit(
    'token_client.ts',
    'if (!canRepeat(init)) {',
    "if ((init.method ?? 'GET') !== 'GET') {",
    'repeats GET only',
  ),
  g: edit(
    'token_client.ts',
    RENEW,
    `${RENEW.slice(0, -1)}.then(() => this.getToken({ forceRefresh: true }));`,
    'renews twice',
    { collateral: ['api.401.bounded', 'api.401.schemeless', 'refresh.newer-token-wins'] },
  ),
  undici: edit(
    'undici/token_handler.ts',
    '} else if (isRepeatable(this.#options)) {',
    '} else if (false) {',
    'the interceptor hands the first 401 out',
  ),
  'undici-body': edit(
    'undici/token_handler.ts',
    'this.#options = { ...this.#options, headers };',
    'this.#options = { ...this.#options, headers, body: this.#repeated ? null : this.#options.body };',
    'the interceptor repeats without the body',
  ),
  h: repeat("{ ...init, method: 'GET', body: null }", 'repeats with GET'),
});
