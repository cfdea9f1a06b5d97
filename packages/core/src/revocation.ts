import { authenticate, type ClientCredentials } from './client_authentication.ts';
import { oauthError } from './error_classes.ts';
import type { ErrorClass } from './errors.ts';
import type { Answer, Transport } from './exchange.ts';
import { hintFor } from './hints.ts';
import { printable } from './printable.ts';
import { retryAfterSeconds } from './retry_after.ts';
import type { Secret } from './secret.ts';
import { sentSecrets } from './sent_secrets.ts';
import { jsonObject } from './json.ts';

export type TokenTypeHint = 'refresh_token' | 'access_token';

/** The tokens of one login. */
export interface RevocableTokens {
  readonly refreshToken?: Secret | undefined;
  readonly accessToken?: Secret | undefined;
}

/**
 * Revokes what there is of a login's tokens, the refresh token first: servers then end the access token too (RFC 7009, section 2.1), and
 * it is the one that lives on. If that fails the access token is revoked all the same.
 *
 * @throws OAuthError as {@link revokeToken} says; of two failures the first.
 */
export async function revokeTokens(
  url: URL,
  { refreshToken, accessToken }: RevocableTokens,
  credentials: ClientCredentials,
  transport: Transport,
): Promise<void> {
  try {
    if (refreshToken) await revokeToken(url, refreshToken, 'refresh_token', credentials, transport);
  } catch (error) {
    if (accessToken) {
      await revokeToken(url, accessToken, 'access_token', credentials, transport).catch(() => {});
    }
    throw error;
  }
  if (accessToken) await revokeToken(url, accessToken, 'access_token', credentials, transport);
}

/**
 * One revocation request (RFC 7009, section 2.1). Status 200 is success whatever the body says, for a token that the server does not
 * know is as good as revoked (section 2.2).
 *
 * @throws OAuthError `unavailable` for 5xx: the token still lives (section 2.2.1); `config_error` for `unsupported_token_type` and
 *   `invalid_request`, `invalid_client`, `rate_limited`, `invalid_response`; what the transport throws.
 */
export async function revokeToken(
  url: URL,
  token: Secret,
  hint: TokenTypeHint,
  credentials: ClientCredentials,
  transport: Transport,
): Promise<void> {
  const headers = new Headers({ Accept: 'application/json' });
  const form = new URLSearchParams({ token: token.reveal(), token_type_hint: hint });
  authenticate(credentials, headers, form);
  const answer = await transport(url, { method: 'POST', headers, body: form });
  if (answer.status === 200) return;
  throw refusal(
    answer,
    `POST ${url.origin}${url.pathname}`,
    sentSecrets(headers, form, credentials),
  );
}

function refusal({ status, text, headers }: Answer, what: string, sent: readonly Secret[]) {
  const json = jsonObject(text);
  const server = {
    oauthError: printableText(json?.['error'], sent),
    oauthDescription: printableText(json?.['error_description'], sent),
    httpStatus: status,
  };
  const said = [server.oauthError, server.oauthDescription].filter(Boolean).join(': ');
  return oauthError(
    classOf(status, server.oauthError),
    `${what}: HTTP ${status}${said && `, ${said}`}; the token may still be good`,
    {
      ...server,
      retryAfter: retryAfterSeconds(headers.get('Retry-After'), new Date()),
      delivery: 'answered',
      hint: hintFor({ ...server, endpoint: 'token' }),
    },
  );
}

// No object literal: a server's word may be the name of one of its inherited members.
const CLASS_OF_ERROR: ReadonlyMap<string | undefined, ErrorClass> = new Map([
  ['invalid_client', 'invalid_client'],
  ['unauthorized_client', 'invalid_client'],
  ['unsupported_token_type', 'config_error'],
  ['invalid_request', 'config_error'],
]);

function classOf(status: number, word: string | undefined): ErrorClass {
  if (status === 429) return 'rate_limited';
  if (status >= 500) return 'unavailable';
  return CLASS_OF_ERROR.get(word) ?? 'invalid_response';
}

function printableText(value: unknown, sent: readonly Secret[]): string | undefined {
  return typeof value === 'string' && value !== '' ? printable(value, sent) : undefined;
}
