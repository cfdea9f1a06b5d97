import { edit, mutants } from '../../src/mutants/mutant.ts';

const SET = "  headers.set('Authorization', `Bearer ${token.accessToken.reveal()}`);";

export default mutants({
  a: {
    does: 'client secret in the query of the discovery request',
    edits: [
      {
        file: 'token_client.ts',
        find: "discover(this.#settings.issuer ?? '')",
        replace: "discover(this.#settings.issuer ?? '', this.#settings.clientSecret?.reveal())",
      },
      {
        file: 'discovery.ts',
        find: 'export async function discover(issuer: string)',
        replace: 'export async function discover(issuer: string, secret = "")',
      },
      {
        file: 'discovery.ts',
        find: '/.well-known/openid-configuration`);',
        replace: '/.well-known/openid-configuration?key=${encodeURIComponent(secret)}`);',
      },
    ],
  },
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
