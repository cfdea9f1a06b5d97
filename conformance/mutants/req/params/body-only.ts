import { edit, mutants } from '../../../src/mutants/mutant.ts';

const AUTHENTICATE = '  authenticate(credentials, headers, form);';
const addToQuery = (text: string) => `${AUTHENTICATE}
  url = new URL(url);
  url.search += (url.search === '' ? '' : '&') + ${text};`;

export default mutants({
  a: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    addToQuery("'client_secret=' + encodeURIComponent(credentials.clientSecret?.reveal() ?? '')"),
    'client_secret in the query',
    {},
  ),
  b: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    `${AUTHENTICATE}\n  url = new URL(url.origin + url.pathname);`,
    'drops the configured query',
  ),
  c: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    addToQuery("'grant_type=' + grant.grant_type"),
    'grant_type in the query',
  ),
  d: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    addToQuery("'client_id=' + encodeURIComponent(credentials.clientId)"),
    'client_id in the query',
  ),
  e: edit(
    'authorization_server.ts',
    '(refreshUrl ?? tokenUrl)',
    '(refreshUrl ?? new URL(tokenUrl.pathname, tokenUrl))',
    'drops the configured query when it refreshes at the token endpoint',
  ),
  f: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    `${AUTHENTICATE}\n  if (grant.refresh_token) { url = new URL(url); url.searchParams.set('refresh_token', grant.refresh_token); }`,
    'refresh_token in the query',
  ),
});
