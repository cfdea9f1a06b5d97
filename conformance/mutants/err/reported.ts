import { edit, mutants } from '../../src/mutants/mutant.ts';

export default mutants({
  a: edit(
    'token_response.ts',
    '    oauthError: word && printable(word, sent),\n    oauthDescription: description && printable(description, sent),\n',
    '',
    'says "HTTP 400" only',
  ),
  b: edit(
    'token_response.ts',
    '    oauthDescription: description && printable(description, sent),\n',
    '',
    'drops the description',
  ),
  c: edit(
    'token_response.ts',
    '    httpStatus: status,\n    oauthUri',
    '    oauthUri',
    'drops the status',
    { collateral: ['err.malformed'] },
  ),
  d: edit(
    'token_response.ts',
    '    oauthError: word && printable(word, sent),',
    '    oauthError: classOfRefusal(status, word),',
    "replaces the server's code by its own class",
  ),
  e: edit(
    'token_response.ts',
    "  invalid_scope: 'invalid_scope',\n",
    '',
    'has no class for invalid_scope',
  ),
  f: edit(
    'token_response.ts',
    '    httpStatus: status,\n    oauthUri',
    '    httpStatus: 400,\n    oauthUri',
    'always says 400',
    {
      // The wire contradicts it wherever another status is seen.
      collateral: [
        'err.client-auth.terminal',
        'err.malformed',
        'code.single-use',
        'auth.method.configured',
        'req.params.clean',
        'cache.failure-not-cached',
        'net.*',
        'refresh.failure.state',
        'refresh.rt-once',
      ],
    },
  ),
});
