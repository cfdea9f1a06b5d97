import { edit, mutants } from '../../src/mutants/mutant.ts';

const CHECK = '    checkAudience(claims, clientId, expectations.trustedAudiences),\n';
const checking = (code: string) =>
  `    ${code} ? undefined : checkAudience(claims, clientId, expectations.trustedAudiences),\n`;

export default mutants({
  a: edit('openid/id_token.ts', CHECK, '', 'does not compare'),
  'a-part': edit(
    'openid/id_token.ts',
    CHECK,
    checking('String(claims.aud).includes(clientId)'),
    'looks for its name in the text',
  ),
  'a-present': edit(
    'openid/id_token.ts',
    CHECK,
    checking('claims.aud === undefined'),
    'compares only if there is one',
  ),
  'a-list': edit(
    'openid/id_token.ts',
    CHECK,
    checking('Array.isArray(claims.aud)'),
    'takes any list',
  ),
  b: edit(
    'openid/id_token.ts',
    CHECK,
    "    claims.aud === clientId ? undefined : 'aud',\n",
    'compares texts only',
  ),
});
