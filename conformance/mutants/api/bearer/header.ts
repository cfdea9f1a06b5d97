import { edit, mutants } from '../../../src/mutants/mutant.ts';

const SET = "  headers.set('Authorization', `Bearer ${token.accessToken.reveal()}`);";
const header = (replace: string, does: string, more = {}) =>
  edit('protected_resource.ts', SET, replace, does, more);

export default mutants({
  a: {
    does: 'echoes the token_type',
    edits: [
      {
        file: 'token_response.ts',
        find: '    accessToken,\n',
        replace: '    accessToken, tokenType,\n',
      },
      {
        file: 'refresh_token.ts',
        find: "    token_type: 'Bearer',\n",
        replace: '    token_type: response.tokenType,\n',
      },
      { file: 'token.ts', find: "  readonly tokenType = 'Bearer';\n", replace: '  tokenType;\n' },
      {
        file: 'token.ts',
        find: '    this.#clock = clock;\n',
        replace: '    this.#clock = clock;\n    this.tokenType = record.token_type;\n',
      },
      {
        file: 'protected_resource.ts',
        find: SET,
        replace: SET.replace('Bearer $', '${token.tokenType} $'),
      },
    ],
  },
  'a-lower': header(SET.replace('Bearer', 'bearer'), 'always bearer'),
  'a-upper': header(SET.replace('Bearer', 'BEARER'), 'always BEARER'),
  'a-spaces': header(SET.replace('Bearer ', 'Bearer  '), 'two spaces'),
  undici: edit(
    'undici/token_handler.ts',
    'const authorization = `Bearer ${',
    'const authorization = `bearer ${',
    'the interceptor writes bearer',
  ),
  b: header(
    `${SET}\n  headers.set('X-Access-Token', token.accessToken.reveal());`,
    'a second header',
  ),
  'b-cookie': header(
    `${SET}\n  headers.set('Cookie', 'session=' + token.accessToken.reveal());`,
    'a cookie',
  ),
  'b-body': header(
    `${SET}\n  if (init.method === 'POST') init = { ...init, body: init.body + '&access_token=' + token.accessToken.reveal() };`,
    'in the body as well',
    { collateral: ['api.401.renew-once'] },
  ),
});
