import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'authorization_code/authorization_response.ts';
const REFUSE = '  if (error !== undefined) throw refusal(error, parameters, expected.issuer);\n';

export default mutants({
  a: edit(
    'authorization_code/callback_requests.ts',
    "page: page(400, 'The login failed', error.message), outcome: { error } }",
    "page: page(400, 'The login failed', error.message) }",
    'waits on',
  ),
  'a-class': edit(FILE, REFUSE, '', 'calls it an answer that it does not understand'),
  'a-code': {
    does: 'posts code=undefined',
    edits: [
      { file: FILE, find: REFUSE, replace: '' },
      {
        file: FILE,
        find: "  if (code === undefined) throw unusable('neither a code nor an error');\n  return code;",
        replace: '  return String(code);',
      },
    ],
  },
  'a-word': edit(FILE, "  ['access_denied', 'access_denied'],\n", '', 'has no word for it'),
});
