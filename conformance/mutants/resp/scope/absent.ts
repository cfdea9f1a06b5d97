import { edit, mutants } from '../../../src/mutants/mutant.ts';

const SCOPE = '    scope: response.scope ?? scope,';

export default mutants({
  a: edit('refresh_token.ts', SCOPE, "    scope: response.scope ?? '',", 'reads it as none'),
  'a-refresh': edit(
    'refresh_token.ts',
    SCOPE,
    "    scope: response.scope ?? (current.refresh_token ? '' : scope),",
    'reads it as none on refresh',
  ),
  'a-refused': edit(
    'token_response.ts',
    "  if (json['error'] !== undefined) throw unusable('but with an error member');",
    "  if (json['error'] !== undefined || json['scope'] === undefined) throw unusable('but with an error member');",
    'does not take such an answer',
    { collateral: ['resp.*'] },
  ),
});
