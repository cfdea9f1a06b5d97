import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FIELDS =
  "fields: () => ({ grant_type: 'password', username, password: secret.reveal(), scope }),";
const fields = (code: string) => `fields: () => ({ grant_type: 'password', ${code} }),`;
const AUTHENTICATE = '  authenticate(credentials, headers, form);';

export default mutants({
  a: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    `  if (grant.grant_type === 'password') form.set('client_id', credentials.clientId);\n  else authenticate(credentials, headers, form);`,
    'does not authenticate',
    { blocks: true, collateral: ['auth.userinfo-url'] },
  ),
  'a-scope': edit(
    'grants/password.ts',
    FIELDS,
    fields('username, password: secret.reveal()'),
    'leaves the scope out',
  ),
  'a-latin': edit(
    'grants/password.ts',
    FIELDS,
    fields("username, password: Buffer.from(secret.reveal()).toString('latin1'), scope"),
    'sends UTF-8 twice encoded',
  ),
  'a-trim': edit(
    'grants/password.ts',
    FIELDS,
    fields("username, password: secret.reveal().replace(/[^\\w.~-]/g, ''), scope"),
    'drops what is no letter or digit',
    { blocks: true, collateral: ['req.grant.password'] },
  ),
  b: edit(
    'grants/index.ts',
    "    case 'authorization_code':\n      return authorizationCode;",
    "    case 'authorization_code':\n      return username ? password(username, settings.password, scope) : authorizationCode;",
    'falls back to the password without a word',
  ),
});
