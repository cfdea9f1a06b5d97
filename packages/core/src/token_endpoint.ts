import { authenticate, type ClientCredentials } from './client_authentication.ts';
import type { Transport } from './exchange.ts';
import type { GrantFields } from './grants/grant.ts';
import { TokenSecret } from './secret.ts';
import { sentSecrets } from './sent_secrets.ts';
import { readTokenResponse, type TokenResponse } from './token_response.ts';

/**
 * One request to the token endpoint: a POST with a form body (RFC 6749, section 3.2). The query of a configured URL is kept, and nothing
 * is added to it.
 *
 * @throws OAuthError as the transport and {@link readTokenResponse} say.
 */
export async function requestToken(
  url: URL,
  credentials: ClientCredentials,
  grant: GrantFields,
  transport: Transport,
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
    const answer = await transport(url, { method: 'POST', headers, body: form });
    const response = readTokenResponse(answer, what, sentSecrets(headers, form, credentials));
    outcome(`${answer.status} access_token=${new TokenSecret(response.accessToken).toString()}`);
    return response;
  } catch (error) {
    outcome(error instanceof Error ? error.message : 'failed');
    throw error;
  }
}

const SHOWN = new Set(['grant_type', 'scope', 'client_id']);
// People choose these, and a digest would confirm a guess.
const CHOSEN = new Set(['client_secret', 'username', 'password']);

function masked(form: URLSearchParams): string {
  const shown = ([name, value]: [string, string]): string => {
    if (SHOWN.has(name)) return `${name}=${value}`;
    return `${name}=${CHOSEN.has(name) ? '***' : new TokenSecret(value).toString()}`;
  };
  return [...form].map(shown).join(' ');
}
