import { edit, mutants } from '../../src/mutants/mutant.ts';

const REQUEST = 'authorization_code/authorization_request.ts';
const LOGIN = 'authorization_code/login.ts';
const NONCE = 'asksForIdToken(options.scope) ? unguessable() : undefined';

export default mutants({
  a: edit(
    REQUEST,
    '      scope,\n      state: request.state,',
    "      scope: scope?.replace('openid ', ''),\n      state: request.state,",
    'leaves openid out',
    {
      blocks: true,
      collateral: ['code.request.params'],
    },
  ),
  b: edit(
    LOGIN,
    NONCE,
    "asksForIdToken(options.scope) ? 'constant-nonce-constant-nonce' : undefined",
    'has one nonce for all logins',
  ),
  'b-none': edit(
    REQUEST,
    '      nonce: asksForIdToken(scope) ? nonce : undefined,\n',
    '',
    'sends none',
    { blocks: true },
  ),
  'b-short': edit(
    LOGIN,
    NONCE,
    'asksForIdToken(options.scope) ? unguessable().slice(0, 8) : undefined',
    'has 48 bits',
  ),
  'b-long': edit(
    LOGIN,
    NONCE,
    'asksForIdToken(options.scope) ? unguessable() + unguessable() : undefined',
    'is longer than providers must take',
  ),
  c: edit(
    'openid/openid_provider.ts',
    "      if (nonce) throw oauthError('invalid_id_token', 'openid was asked for, but no ID token came');\n",
    '',
    'does without',
  ),
});
