import type { ClientCredentials } from './client_authentication.ts';
import { Secret, TokenSecret } from './secret.ts';

const TOKENS = ['refresh_token', 'code', 'code_verifier', 'token'];

/** The secrets of a request to the authorization server: some servers quote in their errors what they refuse. */
export function sentSecrets(
  headers: Headers,
  form: URLSearchParams,
  { clientSecret }: ClientCredentials,
): Secret[] {
  const tokens = TOKENS.flatMap((name) => form.getAll(name)).map((value) => new TokenSecret(value));
  const password = form.getAll('password').map((value) => new Secret(value));
  const basic = headers.get('Authorization')?.replace(/^Basic /, '');
  return [
    ...tokens,
    ...password,
    ...(clientSecret ? [clientSecret] : []),
    ...(basic === undefined ? [] : [new Secret(basic)]),
  ];
}
