import { edit, mutants } from '../../src/mutants/mutant.ts';

const EXCHANGE = 'const response = await server.requestToken(fields);';
const again = (condition: string) =>
  `const response = await server.requestToken(fields).catch((error) => { if (${condition}) return server.requestToken(fields); throw error; });`;

export default mutants({
  a: edit('pending_login.ts', EXCHANGE, again('true'), 'repeats the exchange after any failure', {
    collateral: ['code.value.verbatim', 'net.5xx-bounded'],
  }),
  'a-reset': edit(
    'pending_login.ts',
    EXCHANGE,
    again("error.class === 'network'"),
    'repeats the exchange after a lost answer',
  ),
  'a-503': edit(
    'pending_login.ts',
    EXCHANGE,
    again('error.retryable && error.httpStatus === 503'),
    'repeats the exchange when the server is unavailable',
    { collateral: ['net.5xx-bounded'] },
  ),
  b: edit(
    'authorization_code/login.ts',
    "    if (this.#ended) throw oauthError('login_required', 'this login has ended; begin a new one');\n",
    '',
    'takes the same callback again',
  ),
});
