import { edit, mutants } from '../../../src/mutants/mutant.ts';

const REGRANT = 'return this.#startOverAfter(error, await this.#save(undefined, marked));';
const AGAIN =
  "request({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }, tokens)";
const GRANT = 'return this.#keep(await request(fields), sentAt, {}, scope, held);';
const regrant = (replace: string, does: string, more = {}) =>
  edit('renewal.ts', REGRANT, replace, does, more);

// It meets a session that has ended there, too.
const LOGIN = 'refresh.invalid-grant.login-required';
const session = {
  collateral: ['api.401.renew-once', 'cache.renew.expired', 'refresh.rt-once', LOGIN],
};

export default mutants({
  a: regrant('throw error;', 'gives up', session),
  b: regrant(
    `return this.#keep(await ${AGAIN}, sentAt, tokens, tokens.scope, marked);`,
    'repeats the same refresh token',
    session,
  ),
  c: edit(
    'renewal.ts',
    GRANT,
    `const once = () => request(fields);
    const again = (error) => { if (error.class !== 'invalid_grant') throw error; return once(); };
    ${GRANT.replace('request(fields)', 'once().catch(again)')}`,
    'tries the grant twice',
    { collateral: ['err.user-credentials.no-retry'] },
  ),
  d: regrant(
    `await ${AGAIN}.catch(() => {});\n        ${REGRANT}`,
    'tries the refresh twice before the grant',
    { collateral: [LOGIN] },
  ),
  e: regrant(`await this.#startOver(marked);\n        ${REGRANT}`, 'asks for two new tokens', {
    collateral: [LOGIN],
  }),
});
