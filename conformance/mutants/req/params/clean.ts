import { edit, mutants } from '../../../src/mutants/mutant.ts';

const AUTHENTICATE = '  authenticate(credentials, headers, form);';
const LEFT_OUT = '    if (value !== undefined) form.set(name, value);';
const GRANT = "{ grant_type: 'client_credentials', scope }";
const REFRESH = "{ grant_type: 'refresh_token', refresh_token: tokens.refresh_token }";
const asScope = (word: string) => `{ grant_type: 'client_credentials', scope: scope ?? ${word} }`;

export default mutants({
  a: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    `${AUTHENTICATE}\n  if (grant.scope) form.append('scope', grant.scope);`,
    'scope twice',
    {
      // Keycloak refuses a parameter that comes twice.
      blocks: true,
      collateral: ['err.reported', 'req.scope.serialise', 'req.grant.password'],
    },
  ),
  'a-client-id': edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    `${AUTHENTICATE}\n  if (form.has('client_id')) form.append('client_id', credentials.clientId);`,
    'client_id twice',
    { blocks: true, collateral: ['auth.public.client-id', 'req.grant.password'] },
  ),
  b: edit('grants/client_credentials.ts', GRANT, asScope("'None'"), 'scope=None', {
    blocks: true,
  }),
  'b-empty': edit('grants/client_credentials.ts', GRANT, asScope("''"), 'an empty scope', {
    blocks: true,
  }),
  'b-undefined': edit(
    'token_endpoint.ts',
    LEFT_OUT,
    '    form.set(name, String(value));',
    'scope=undefined',
    { blocks: true, collateral: ['auth.userinfo-url'] },
  ),
  'b-refresh': edit(
    'renewal.ts',
    REFRESH,
    "{ grant_type: 'refresh_token', refresh_token: tokens.refresh_token, scope: this.#parts.scope ?? 'null' }",
    'scope=null when it refreshes',
    {
      blocks: true,
      collateral: [
        'cache.clock.elapsed',
        'api.401.*',
        'cache.renew.expired',
        'cache.refresh-expiry',
        'refresh.*',
        'resp.expires-in.string',
      ],
    },
  ),
  'b-secret': edit(
    'client_authentication.ts',
    "    case 'none':\n",
    "    case 'none':\n      form.set('client_secret', secret);\n",
    'an empty client_secret for a public client',
    { collateral: ['auth.method.configured'] },
  ),
});
