import { edit, mutants } from '../../src/mutants/mutant.ts';

const NEXT = 'if (response.refreshToken === undefined) return current;';

export default mutants({
  a: edit(
    'token_response.ts',
    '  // A client must not use',
    "  if (json['refresh_token'] === undefined) throw unusable('but without a refresh_token');\n  // A client must not use",
    'requires a refresh token',
    { collateral: ['refresh.rotation.keep'] },
  ),
  b: edit(
    'refresh_token.ts',
    NEXT,
    'response = { ...response, refreshToken: String(response.refreshToken) };',
    'sends refresh_token=undefined',
    { collateral: ['refresh.rotation.keep'] },
  ),
  c: edit(
    'refresh_token.ts',
    NEXT,
    "if (response.refreshToken === undefined) return current.refresh_token ? current : { refresh_token: '' };",
    'sends an empty refresh_token',
  ),
  d: edit(
    'renewal.ts',
    'if (tokens && stored?.canRefresh',
    "if (stored && !stored.refreshToken) throw oauthError('invalid_grant', 'no refresh token');\n      if (tokens && stored?.canRefresh",
    'gives up when it has none',
  ),
});
