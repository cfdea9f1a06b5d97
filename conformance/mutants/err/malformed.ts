import { edit, mutants } from '../../src/mutants/mutant.ts';

const REFUSED = 'if (status < 200 || status > 299) throw refusal(answer, json, what, sent);';
const WORD = "const word = nonEmpty(json?.['error']);";
const CLASS = "return CLASS_OF_OAUTH_ERROR.get(word) ?? 'invalid_response';";

export default mutants({
  a: edit(
    'token_response.ts',
    REFUSED,
    `if (status < 200 || status > 299) throw refusal(answer, text === '' ? undefined : JSON.parse(text), what, sent);`,
    "ends in the parser's error when a refusal is HTML",
    { collateral: ['sec.output'] },
  ),
  b: edit(
    'token_response.ts',
    WORD,
    "const word = json && !('error' in json) ? json.error.trim() : nonEmpty(json?.['error']);",
    'looks into an error that is not there',
  ),
  c: edit(
    'token_response.ts',
    CLASS,
    "if (word !== undefined && !CLASS_OF_OAUTH_ERROR.has(word)) throw new Error('unknown error ' + word);\n  " +
      CLASS,
    'crashes on an unknown code',
  ),
  d: edit(
    'token_response.ts',
    WORD,
    "const word = json?.['error'] === undefined ? undefined : String(json['error']);",
    'makes a text of whatever the error is',
  ),
});
