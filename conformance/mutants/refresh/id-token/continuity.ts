import { type Edit, edit, mutants } from '../../../src/mutants/mutant.ts';

const CHECKS = 'openid/id_token_checks.ts';
const VERIFY =
  'if (isLogin && response.idToken !== undefined && this.#settings.issuer !== undefined) {';
const PREVIOUS = 'previous: previous === undefined ? undefined : await identity(previous),';
const NONCE = 'if (nonce === undefined || nonce === previous.nonce) return undefined;';
const NOT_SAVED = "      if (error.class === 'invalid_grant') {";
const LOST = 'await openid.verify(response, { previous: previous?.id_token }).catch(afterAnswer);';

const change = (file: string, find: string, replace: string): Edit => ({ file, find, replace });

/** What the checks refuse comes along with the error, and some of it is stored all the same. */
const storing = (code: string): readonly Edit[] => [
  change(
    'token_client.ts',
    LOST,
    `${LOST.slice(0, -1)}.catch((error) => { throw Object.assign(error, { response }); });`,
  ),
  change(
    'renewal.ts',
    NOT_SAVED,
    `      if (error.class === 'invalid_id_token' && error.response) {
        ${code}
        throw error;
      }
${NOT_SAVED}`,
  ),
];

export default mutants({
  a: edit(
    'openid/openid_provider.ts',
    PREVIOUS,
    'previous: undefined,',
    'does not compare with the login',
  ),
  'a-unverified': edit(
    'token_client.ts',
    VERIFY,
    VERIFY.replace('isLogin', 'isLogin && !previous'),
    'verifies the ID token of the login alone',
  ),
  'a-iss': {
    does: 'takes an ID token of any issuer when it refreshes',
    edits: [
      change(
        'openid/id_token.ts',
        'checkIssuer(claims, expectations.issuer),',
        'previous ? undefined : checkIssuer(claims, expectations.issuer),',
      ),
      change(CHECKS, 'if (iss !== previous.iss) return', 'if (false) return'),
    ],
  },
  'a-sub': edit(
    CHECKS,
    'if (sub !== previous.sub) return',
    'if (!String(sub).startsWith(previous.sub)) return',
    'compares the beginning of the subject',
  ),
  'a-nonce': edit(
    CHECKS,
    NONCE,
    'return undefined;',
    'leaves the nonce out of the comparison when it refreshes',
  ),
  'a-aud': {
    does: 'takes an ID token for any audience when it refreshes',
    edits: [
      change(
        'openid/id_token.ts',
        'checkAudience(claims, clientId, expectations.trustedAudiences),',
        'previous ? undefined : checkAudience(claims, clientId, expectations.trustedAudiences),',
      ),
      change(CHECKS, 'if (!sameAudience(aud, previous.aud)) {', 'if (false) {'),
    ],
  },
  'a-stored': {
    does: 'reports the wrong ID token, and stores what came with it',
    edits: storing('await this.#keep(error.response, sentAt, tokens, tokens.scope, marked);'),
  },
  'a-refresh-token': {
    does: 'keeps the refresh token that came with a wrong ID token',
    edits: storing(
      'await this.#save({ ...tokens, refresh_token: error.response.refreshToken }, marked);',
    ),
  },
  'a-later': edit(
    'refresh_token.ts',
    'id_token: response.idToken ?? current.id_token,',
    'id_token: response.idToken,',
    'forgets the ID token of the login when a refresh brings none',
  ),
  b: {
    does: 'demands an ID token of every refresh after a login that had one',
    edits: [
      change(
        'token_client.ts',
        VERIFY,
        VERIFY.replace(
          'response.idToken !== undefined',
          '(response.idToken ?? previous?.id_token) !== undefined',
        ),
      ),
      change(
        'openid/openid_provider.ts',
        "if (nonce) throw oauthError('invalid_id_token',",
        "throw oauthError('invalid_id_token',",
      ),
    ],
  },
  'b-nonce': edit(
    CHECKS,
    NONCE,
    NONCE.replace('nonce === undefined || ', ''),
    'demands the nonce of the login when it refreshes',
    // Keycloak leaves the nonce out, so every refresh of a login fails.
    { blocks: true },
  ),
});
