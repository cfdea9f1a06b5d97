import { edit, mutants } from '../../src/mutants/mutant.ts';

const LOOP = 'for await (const chunk of response.body ?? []) {';
const PARSE = 'const value: unknown = JSON.parse(text);';
const THROWN = '    throw transportError(error, what);';

/** What came before the body broke off, where `when` holds. */
const part = (when: string, does: string) =>
  edit(
    'exchange.ts',
    LOOP,
    `const whole = response.body ?? [];
  const part = async function* () {
    try {
      yield* whole;
    } catch (error) {
      if (!(${when})) throw error;
    }
  };
  for await (const chunk of part()) {`,
    does,
  );

export default mutants({
  a: edit(
    'exchange.ts',
    THROWN,
    `    if (causeCode(error) === 'ECONNRESET' || causeCode(error) === 'UND_ERR_SOCKET') throw error;\n${THROWN}`,
    'lets the error of its HTTP library out',
    { collateral: ['refresh.failure.state', 'refresh.rt-once', 'code.single-use'] },
  ),
  b: part("response.headers.has('Content-Length')", 'does not miss what Content-Length promised'),
  c: part("!response.headers.has('Content-Length')", 'takes the chunks that came for all of them'),
  d: edit(
    'json.ts',
    PARSE,
    `const value: unknown = JSON.parse(text.startsWith('{') && !text.endsWith('}') ? text + '"}' : text);`,
    'repairs cut JSON',
  ),
});
