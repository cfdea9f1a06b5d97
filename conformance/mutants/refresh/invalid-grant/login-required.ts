import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FORGET = 'return this.#startOverAfter(error, await this.#save(undefined, marked));';

export default mutants({
  a: edit(
    'renewal.ts',
    FORGET,
    'return this.#startOverAfter(error, marked);',
    'keeps the refused refresh token',
  ),
  'a-class': edit(
    'renewal.ts',
    "      throw oauthError('login_required', `${error.message}; ${refusal.message}`, {",
    "      throw oauthError('invalid_grant', `${error.message}; ${refusal.message}`, {",
    'reports what the server said, and not what to do',
  ),
  'a-loop': edit(
    'renewal.ts',
    'return await this.#keep(await request(fields, tokens), sentAt, tokens, tokens.scope, marked);',
    "return await this.#keep(await request(fields, tokens).catch((error) => { if (error.class !== 'invalid_grant' || this.#parts.grant.name !== 'authorization_code') throw error; return request(fields, tokens); }), sentAt, tokens, tokens.scope, marked);",
    'tries again',
  ),
  'a-browser': edit(
    'grants/authorization_code.ts',
    "    throw oauthError('login_required', 'nobody is logged in: call startLogin()');",
    "    return { grant_type: 'authorization_code', code: 'none' };",
    'asks the token endpoint for a token without a login',
    { collateral: ['req.grant.password'] },
  ),
});
