import { edit, mutants } from '../../src/mutants/mutant.ts';

const SET = "  headers.set('Authorization', `Bearer ${token.accessToken.reveal()}`);";

export default mutants({
  a: edit(
    'authorization_server.ts',
    'discover(issuer, this.transport, wellKnown)',
    `discover(issuer, (url, init) => {
      url.searchParams.set('key', this.#settings.clientSecret?.reveal() ?? '');
      return this.transport(url, init);
    }, wellKnown)`,
    'client secret in the query of the discovery request',
  ),
  b: edit(
    'protected_resource.ts',
    SET,
    `${SET}\n  url = new URL(url);\n  url.searchParams.set('refresh', token.refreshToken?.reveal() ?? '');`,
    'refresh token in the URL of the API',
  ),
  c: edit(
    'protected_resource.ts',
    SET,
    `${SET}\n  headers.set('Referer', 'http://127.0.0.1/?token=' + token.accessToken.reveal());`,
    'access token in the Referer',
    { collateral: ['api.bearer.header'] },
  ),
  d: edit(
    'token_endpoint.ts',
    "  const headers = new Headers({ Accept: 'application/json' });",
    "  const headers = new Headers({ Accept: 'application/json', Referer: 'http://127.0.0.1/?secret=' + encodeURIComponent(credentials.clientSecret?.reveal() ?? '') });",
    'client secret in the Referer of the token request',
  ),
});
