import { authenticate, type ClientCredentials } from './client_authentication.ts';
import { exchange } from './exchange.ts';
import { TokenSecret } from './secret.ts';
import { readTokenResponse, type TokenResponse } from './token_response.ts';

/** Fields of a token request; one without a value is left out (RFC 6749, section 3.2: an empty one counts as omitted). */
export type GrantFields = Readonly<Record<string, string | undefined>> & {
  readonly grant_type: string;
};

/**
 * One request to the token endpoint: a POST with a form body (RFC 6749, section 3.2). The query of a configured URL is kept, and nothing
 * is added to it.
 *
 * @throws OAuthError as {@link exchange} and {@link readTokenResponse} say.
 */
export async function requestToken(
  url: URL,
  credentials: ClientCredentials,
  grant: GrantFields,
  log: (line: string) => void,
): Promise<TokenResponse> {
  const headers = new Headers({ Accept: 'application/json' });
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(grant)) {
    if (value !== undefined) form.set(name, value);
  }
  authenticate(credentials, headers, form);
  const what = `POST ${url.origin}${url.pathname}`;
  const startedAt = performance.now();
  const outcome = (end: string) =>
    log(`${what} ${masked(form)} -> ${end} in ${Math.round(performance.now() - startedAt)} ms`);
  try {
    const answer = await exchange(url, { method: 'POST', headers, body: form });
    const response = readTokenResponse(answer, what);
    outcome(`${answer.status} access_token=${new TokenSecret(response.accessToken).toString()}`);
    return response;
  } catch (error) {
    outcome(error instanceof Error ? error.message : 'failed');
    throw error;
  }
}

const SHOWN = new Set(['grant_type', 'scope', 'client_id']);

function masked(form: URLSearchParams): string {
  const shown = ([name, value]: [string, string]): string => {
    if (SHOWN.has(name)) return `${name}=${value}`;
    return `${name}=${name === 'client_secret' ? '***' : new TokenSecret(value).toString()}`;
  };
  return [...form].map(shown).join(' ');
}
