import { OAuthError } from './errors.ts';
import { transportError } from './exchange.ts';
import type { Token } from './token.ts';

const TIME_LIMIT_MS = 30_000;

/**
 * Where a request may take the token: the configured API and nowhere else (RFC 9700, section 4.9).
 *
 * @throws OAuthError `config_error`.
 */
export function protectedUrl(input: string | URL, apiUrl: URL | undefined): URL {
  if (!apiUrl) throw new OAuthError('config_error', 'settings: apiUrl is missing');
  // A base without a final slash would lose its last path segment.
  const base = apiUrl.pathname.endsWith('/') ? apiUrl : new URL(`${apiUrl.pathname}/`, apiUrl);
  const url = URL.parse(String(input), base.href);
  if (url?.origin === apiUrl.origin) return url;
  throw new OAuthError(
    'config_error',
    `the token goes to ${apiUrl.origin} only, not to ${url?.origin ?? 'an address that is no URL'}`,
  );
}

/** Sends a request with the token in its `Authorization` header (RFC 6750, section 2.1), and in no other place. */
export async function sendWithToken(url: URL, init: RequestInit, token: Token): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${token.accessToken.reveal()}`);
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
  try {
    return await fetch(url, { ...init, headers, signal, redirect: 'manual' });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw transportError(error, `${init.method ?? 'GET'} ${url.origin}${url.pathname}`);
  }
}

/** A body that was read once cannot be sent again; texts, bytes and forms can. */
export function canRepeat(init: RequestInit): boolean {
  return !(init.body instanceof ReadableStream);
}

/**
 * The answer of an API, if it took the token (RFC 6750, section 3.1).
 *
 * @throws OAuthError `unauthorized` for a 401, `forbidden` for a 403.
 */
export async function accepted(response: Response, url: URL, init: RequestInit): Promise<Response> {
  const { status } = response;
  if (status !== 401 && status !== 403) return response;
  await response.body?.cancel();
  const what = `${init.method ?? 'GET'} ${url.origin}${url.pathname}: HTTP ${status}`;
  throw status === 401
    ? new OAuthError('unauthorized', `${what}, the API refuses the token`, { httpStatus: status })
    : new OAuthError('forbidden', `${what}, the token does not allow this`, { httpStatus: status });
}
