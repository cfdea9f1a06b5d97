import { bearerChallenge } from './challenge.ts';
import { oauthError } from './error_classes.ts';
import type { OAuthError } from './errors.ts';
import { requestLine, transportError, withinLimit } from './exchange.ts';
import { hintFor } from './hints.ts';
import { printable } from './printable.ts';
import { retryAfterSeconds } from './retry_after.ts';
import type { Secret } from './secret.ts';
import type { Token } from './token.ts';

/** What fits into a connection's buffer whether anybody reads or not. */
const SHORT_BYTES = 16_384;
const UNREAD = new Error('nobody reads this answer');

/**
 * Sends a request with the token in its `Authorization` header (RFC 6750, section 2.1), and in no other place. An answer has to begin within
 * 30 s; how long it goes on is the caller's own affair, whose download or stream it is.
 *
 * @throws OAuthError `timeout`, `network`, `tls`; a TypeError for a request that the platform refuses to make.
 */
export async function sendWithToken(
  url: string,
  init: RequestInit,
  token: Token,
  fetchFunction: typeof fetch = fetch,
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set('Authorization', `Bearer ${token.accessToken.reveal()}`);
  try {
    return await withinLimit((limit) => {
      const signal = init.signal ? AbortSignal.any([init.signal, limit]) : limit;
      return fetchFunction(url, { ...init, headers, signal, redirect: 'manual' });
    });
  } catch (error) {
    if (init.signal?.aborted || isCallersMistake(error)) throw error;
    throw transportError(error, requestLine(new URL(url), init));
  }
}

/** What `fetch` throws of the network has a cause; what it says of a wrong argument has none. */
function isCallersMistake(error: unknown): boolean {
  return error instanceof TypeError && error.cause === undefined;
}

/** A body that was read once cannot be sent again; texts, bytes and forms can. */
export function canRepeat({ body }: RequestInit): boolean {
  return (
    body === undefined ||
    body === null ||
    typeof body === 'string' ||
    body instanceof URLSearchParams ||
    body instanceof FormData ||
    body instanceof Blob ||
    body instanceof ArrayBuffer ||
    ArrayBuffer.isView(body)
  );
}

/** Whether a 401 says that another token would do: any of them but one that asks for more scope (RFC 6750, section 3.1). */
export function refusesToken(response: Response): boolean {
  return response.status === 401 && challengeOf(response)?.error !== 'insufficient_scope';
}

/**
 * The answer of an API, if it took the token (RFC 6750, section 3.1).
 *
 * @param token that was sent.
 * @throws OAuthError `unauthorized` for a 401, `forbidden` for a 403 and where the token's scope is too small.
 */
export function accepted(
  response: Response,
  url: string,
  init: RequestInit,
  token: Token,
): Response | Promise<never> {
  const { status } = response;
  if (status !== 401 && status !== 403) return response;
  return refused(response, `${requestLine(new URL(url), init)}: HTTP ${status}`, token);
}

async function refused(response: Response, what: string, token: Token): Promise<never> {
  await discard(response);
  throw refusal(response, what, token);
}

/** Lets go of an answer that nobody will read. A short one the platform has read already: to abort that costs it more time than a request. */
export async function discard({ headers, body }: Response): Promise<void> {
  const isShort = Number(headers.get('Content-Length') ?? Infinity) <= SHORT_BYTES;
  if (!isShort) await body?.cancel(UNREAD);
}

function refusal(response: Response, what: string, token: Token): OAuthError {
  const challenge = challengeOf(response, [token.accessToken]);
  const details = {
    httpStatus: response.status,
    oauthError: challenge?.error,
    oauthDescription: challenge?.errorDescription,
    requiredScope: challenge?.scope && printable(challenge.scope),
    retryAfter: retryAfterSeconds(response.headers.get('Retry-After'), new Date()),
  };
  const hint = hintFor({ ...details, endpoint: 'api' });
  if (refusesToken(response)) {
    return oauthError('unauthorized', `${what}, the API refuses the token`, { ...details, hint });
  }
  const wants = details.requiredScope ? `; it asks for the scope ${details.requiredScope}` : '';
  return oauthError('forbidden', `${what}, the token does not allow this${wants}`, {
    ...details,
    hint,
  });
}

function challengeOf(response: Response, sent?: readonly Secret[]) {
  const challenge = bearerChallenge(response.headers, sent);
  return challenge === 'none' ? undefined : challenge;
}
