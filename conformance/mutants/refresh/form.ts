import { edit, mutants } from '../../src/mutants/mutant.ts';

const AUTHENTICATE = '  authenticate(credentials, headers, form);';
const onRefresh = (code: string) =>
  `${AUTHENTICATE}\n  if (grant.grant_type === 'refresh_token') { ${code} }`;
// Keycloak refuses a refresh that does not authenticate.
const collateral = [
  'auth.*',
  'api.401.*',
  'cache.renew.expired',
  'cache.refresh-expiry',
  'cache.clock.elapsed',
  'refresh.*',
  'resp.expires-in.string',
  'resp.success.validated',
];
const refused = { blocks: true, collateral };

export default mutants({
  a: edit(
    'renewal.ts',
    'if (tokens && stored?.canRefresh && mayRefresh) return this.#refresh(tokens, held);',
    '',
    'repeats the first grant and calls it refresh',
    {
      blocks: true,
      collateral: [
        'refresh.*',
        'cache.refresh-expiry',
        'cache.clock.elapsed',
        'err.client-auth.terminal',
        'resp.success.validated',
        'sec.output',
      ],
    },
  ),
  'a-secret': edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    onRefresh("form.delete('client_secret');"),
    'drops the secret from the body',
    refused,
  ),
  'a-basic': edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    onRefresh("headers.delete('Authorization');"),
    'drops the Authorization header',
    refused,
  ),
  'a-name': edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    onRefresh("form.set('refreshToken', grant.refresh_token); form.delete('refresh_token');"),
    'calls the parameter refreshToken',
    refused,
  ),
  'a-token': edit(
    'renewal.ts',
    'refresh_token: tokens.refresh_token }',
    'refresh_token: tokens.access_token }',
    'sends the access token',
    refused,
  ),
  'a-post': edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    onRefresh(
      "headers.delete('Authorization'); authenticate({ ...credentials, method: 'post' }, headers, form);",
    ),
    'always authenticates in the body',
    { collateral: ['auth.*'] },
  ),
  b: edit(
    'authorization_server.ts',
    '(refreshUrl ?? tokenUrl)',
    'tokenUrl',
    'ignores the refresh endpoint',
    { collateral: ['req.params.body-only'] },
  ),
  'b-all': edit(
    'authorization_server.ts',
    '(refreshUrl ?? tokenUrl) : tokenUrl',
    '(refreshUrl ?? tokenUrl) : (refreshUrl ?? tokenUrl)',
    'sends the grant there, too',
    { collateral: ['req.params.body-only'] },
  ),
});
