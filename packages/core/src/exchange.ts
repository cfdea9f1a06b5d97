import { OAuthError } from './errors.ts';

const TIME_LIMIT_MS = 30_000;
const SIZE_LIMIT_BYTES = 1024 * 1024;

/** One whole HTTP answer, read within the limits. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * One exchange with an authorization server: 30 seconds for all of it, a trickling body included; 1 MiB of decoded body; no redirect is
 * followed, because it would carry the credentials elsewhere (RFC 9700, section 4.12).
 *
 * @throws OAuthError `timeout`, `network`, `tls`, or `invalid_response` for a body over the limit.
 */
export async function exchange(url: URL, init: RequestInit): Promise<Answer> {
  const what = `${init.method ?? 'GET'} ${url.origin}${url.pathname}`;
  try {
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIME_LIMIT_MS),
    });
    return { status: response.status, text: await boundedText(response, what) };
  } catch (error) {
    throw transportError(error, what);
  }
}

async function boundedText(response: Response, what: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > SIZE_LIMIT_BYTES) {
      throw new OAuthError('invalid_response', `${what}: the answer is over 1 MiB`, {
        httpStatus: response.status,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const TLS_CODE = /^(?:ERR_TLS|ERR_SSL|EPROTO|CERT_|UNABLE_TO|SELF_SIGNED|DEPTH_ZERO)/;

/** Turns what `fetch` throws into the class that says what happened to the request. */
export function transportError(error: unknown, what: string): OAuthError {
  if (error instanceof OAuthError) return error;
  if (error instanceof Error && error.name === 'TimeoutError') {
    return new OAuthError('timeout', `${what}: no whole answer within ${TIME_LIMIT_MS / 1000} s`);
  }
  const code = causeCode(error);
  if (TLS_CODE.test(code)) return new OAuthError('tls', `${what}: ${code}`);
  return new OAuthError('network', `${what}: ${code || 'the connection broke'}`);
}

function causeCode(error: unknown): string {
  const cause: unknown = error instanceof Error ? (error.cause ?? error) : error;
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : '';
}
