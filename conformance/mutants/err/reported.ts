import { edit, mutants } from '../../src/mutants/mutant.ts';

export default mutants({
  a: edit(
    'token_response.ts',
    '    oauthError: oauthError && printable(oauthError),\n    oauthDescription: description && printable(description),\n',
    '',
    'says "HTTP 400" only',
  ),
  b: edit(
    'token_response.ts',
    '    oauthDescription: description && printable(description),\n',
    '',
    'drops the description',
  ),
  c: edit('token_response.ts', '    httpStatus: status,\n  };', '  };', 'drops the status'),
  d: edit(
    'token_response.ts',
    '    oauthError: oauthError && printable(oauthError),',
    '    oauthError: classOfRefusal(status, oauthError),',
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
    '    httpStatus: status,\n  };',
    '    httpStatus: 400,\n  };',
    'always says 400',
    { collateral: ['err.client-auth.terminal', 'auth.method.configured', 'req.params.clean'] },
  ),
});
