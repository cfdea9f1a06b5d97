import { fetch, type Headers, type RequestInit } from 'undici';

/** Only keeps a run from hanging: a machine in full use may stand still for many seconds, and that is nobody's fault. */
const LIMIT_MS = 60_000;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * A request that the harness itself makes, not a client.
 *
 * @throws Error that names request and reason when no answer comes, or none within 60 s. Of the URL it has no query, which may hold a secret.
 */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  const startedAt = performance.now();
  try {
    const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(LIMIT_MS) });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  } catch (error) {
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const why = error instanceof Error ? (error.cause ?? error) : error;
    throw new Error(
      `${init.method ?? 'GET'} ${url.split('?')[0]}: no answer after ${seconds} s (${why instanceof Error ? why.message : String(why)})`,
      { cause: error },
    );
  }
}
