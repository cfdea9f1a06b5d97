import type { Forgery } from './token-forge.ts';
import { type Endpoint, type Exchange, bearer, form } from './exchange.ts';

/**
 * What the recorder does to chosen exchanges. A fault is data, so that a case can be written, printed and read without running
 * it. Several may apply to one exchange: `answer` of the first, then every `change`, then the longest delay.
 */
export interface Fault {
  /** Which exchanges: all conditions that are given must hold. */
  readonly on: {
    readonly endpoint: Endpoint;
    /** `grant_type` of a token request. */
    readonly grant?: string;
    /** Whether a token request refreshes; `false` means any other grant. */
    readonly refresh?: boolean;
    /** Which of the exchanges that fit the other conditions, counted from 1. */
    readonly nth?: readonly number[];
    /** Requests that carry the n-th distinct bearer token seen here, counted from 1. */
    readonly token?: number;
  };
  /** Sent in place of what the server would say; the server is not asked. */
  readonly answer?: FaultyAnswer;
  /** Made of what the server said. */
  readonly change?: {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
    /** Members that are set or, with `undefined`, removed. */
    readonly json?: Readonly<Record<string, unknown>>;
    /** The body in place of the server's. */
    readonly body?: string;
  };
  /** The ID token in the answer is another one; the JWKS that goes with it is served in place of the server's. */
  readonly forge?: Forgery;
  /** The answer is held back until an exchange of this kind has been answered, on either recorder. */
  readonly until?: { readonly endpoint: Endpoint; readonly grant: string };
  /** Milliseconds for which the answer is held back, from then on if there is an `until`. */
  readonly delayMs?: number;
  /**
   * How the connection breaks: `reset` before the first byte of the answer; `short` and `unterminated` after the last one of its body, where
   * `Content-Length` or the chunks promise more.
   */
  readonly breaks?: 'reset' | 'short' | 'unterminated';
  /** So many bytes of white space before the last character of the body, compressed or not. */
  readonly padding?: { readonly bytes: number; readonly gzip?: boolean };
}

export interface FaultyAnswer {
  readonly status: number;
  /** `{elsewhere}` in a value is the origin of a second listener, which stands before the same server. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export const ELSEWHERE = '{elsewhere}';

/** A 401 as a protected resource says it (RFC 6750, section 3.1). */
export const INVALID_TOKEN: FaultyAnswer = {
  status: 401,
  headers: {
    'WWW-Authenticate':
      'Bearer realm="ticketing", error="invalid_token", error_description="The token was revoked"',
    'Content-Type': 'application/json',
  },
  body: '{"error":"invalid_token"}',
};

/** Picks the faults for each exchange of one origin; keeps the counts that `nth` and `token` need. */
export class FaultSelector {
  readonly #faults: readonly Fault[];
  readonly #seen = new Map<Fault, number>();
  readonly #tokens: string[] = [];

  constructor(faults: readonly Fault[]) {
    this.#faults = faults;
  }

  select(exchange: Exchange): Fault[] {
    const token = bearer(exchange.request);
    if (token !== undefined && !this.#tokens.includes(token)) this.#tokens.push(token);
    return this.#faults.filter((fault) => this.#applies(fault, exchange, token));
  }

  #applies(fault: Fault, { endpoint, request }: Exchange, token: string | undefined): boolean {
    const { on } = fault;
    if (on.endpoint !== endpoint) return false;
    const grant = form(request).get('grant_type');
    if (on.grant !== undefined && grant !== on.grant) return false;
    if (on.refresh !== undefined && (grant === 'refresh_token') !== on.refresh) return false;
    if (on.token !== undefined && this.#tokens.indexOf(token ?? '') !== on.token - 1) return false;
    const count = (this.#seen.get(fault) ?? 0) + 1;
    this.#seen.set(fault, count);
    return on.nth === undefined || on.nth.includes(count);
  }
}
