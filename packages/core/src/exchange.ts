import { oauthError } from './error_classes.ts';
import { type Delivery, OAuthError } from './errors.ts';

/** Milliseconds for an exchange with an authorization server, and for an API to begin its answer. */
const TIME_LIMIT_MS = 30_000;
const SIZE_LIMIT_BYTES = 1024 * 1024;

/** One whole HTTP answer, read within the limits. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** How requests to an authorization server are made: {@link exchange} with one `fetch` for all of them. */
export type Transport = (url: URL, init: RequestInit) => Promise<Answer>;

/**
 * One exchange with an authorization server: 30 seconds for all of it, a trickling body included; 1 MiB of decoded body; no redirect is
 * followed, because it would carry the credentials elsewhere (RFC 9700, section 4.12).
 *
 * @throws OAuthError `timeout`, `network`, `tls`, or `invalid_response` for a body over the limit.
 */
export async function exchange(
  url: URL,
  init: RequestInit,
  fetchFunction: typeof fetch = fetch,
): Promise<Answer> {
  const what = requestLine(url, init);
  try {
    return await withinLimit(async (signal) => {
      const response = await fetchFunction(url, { ...init, redirect: 'manual', signal });
      const text = await boundedText(response, what);
      return { status: response.status, text, headers: response.headers };
    });
  } catch (error) {
    throw transportError(error, what);
  }
}

/** A request as errors name it: a query may hold what nobody should read. */
export function requestLine(url: URL, { method = 'GET' }: RequestInit): string {
  return `${method} ${url.origin}${url.pathname}`;
}

/** Runs work with a signal that aborts it with a `TimeoutError` after 30 seconds. */
export async function withinLimit<Result>(
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const limit = new AbortController();
  const late = () => limit.abort(new DOMException('the time is over', 'TimeoutError'));
  const timer = setTimeout(late, TIME_LIMIT_MS);
  timer.unref();
  try {
    return await work(limit.signal);
  } finally {
    // AbortSignal.timeout() would keep its timer, and all that hangs on it, until the time is over.
    clearTimeout(timer);
  }
}

async function boundedText(response: Response, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > SIZE_LIMIT_BYTES) {
      throw oauthError('invalid_response', `${what}: the answer is over 1 MiB`, {
        httpStatus: response.status,
        delivery: 'no_answer',
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/;
const CONNECT_CODE =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|EADDRNOTAVAIL|UND_ERR_CONNECT_TIMEOUT)$/;

/** Turns what `fetch` throws into the class that says what happened to the request. */
export function transportError(error: unknown, what: string): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error instanceof Error && error.name === 'TimeoutError') {
    const message = `${what}: no whole answer within ${TIME_LIMIT_MS / 1000} s`;
    return oauthError('timeout', message, { delivery: 'no_answer' });
  }
  const code = causeCode(error);
  if (TLS_CODE.test(code)) return oauthError('tls', `${what}: ${code}`, { delivery: 'not_sent' });
  // Whatever is not known to have failed before the request was sent may have reached the server.
  const delivery: Delivery = CONNECT_CODE.test(code) ? 'not_sent' : 'no_answer';
  return oauthError('network', `${what}: ${code || 'the connection broke'}`, { delivery });
}

// Where a host has several addresses, each failed attempt has a code of its own; they fail alike.
function causeCode(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const inner: unknown = cause instanceof AggregateError ? (cause.errors[0] ?? cause) : cause;
  const code: unknown = inner instanceof Error && 'code' in inner ? inner.code : undefined;
  return typeof code === 'string' ? code : '';
}
