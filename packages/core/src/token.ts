import { type Clock, elapsedSince, type Moment, systemClock } from './clock.ts';
import { TokenSecret } from './secret.ts';
import type { StoredTokens } from './store/token_store.ts';

const LONGEST_MARGIN_S = 30;
const MARGIN_SHARE = 0.1;
const LONGEST_AGING_S = 300;
const AGING_SHARE = 0.2;
const JITTER = 0.1;

/**
 * Where a token is in its life: `fresh`; `aging`, still good but worth renewing in the background; `due`, too near its end to be sent; `expired`.
 */
export type Window = 'fresh' | 'aging' | 'due' | 'expired';

/** An access token with what was issued beside it. Printing it shows no secret. */
export class Token {
  readonly accessToken: TokenSecret;
  readonly tokenType = 'Bearer';
  /** The scopes that were granted. */
  readonly scope: readonly string[];
  readonly refreshToken: TokenSecret | undefined;
  readonly idToken: TokenSecret | undefined;
  /** Seconds that it lived when it was issued; `undefined` when the server did not say. */
  readonly lifetime: number | undefined;
  /** When its request was sent: seconds since 1970. */
  readonly issuedAt: number;
  readonly #clock: Clock;
  readonly #sent: Moment;
  readonly #lifetimeMs: number;
  readonly #refreshLifetimeMs: number;
  readonly #margin: number;
  readonly #aging: number;

  /** @param record whose `issued_at` is the moment at which the request was sent: the server counts from no earlier one. */
  constructor(record: StoredTokens, clock: Clock = systemClock) {
    this.#clock = clock;
    const age = Math.max(0, clock.wall() - record.issued_at * 1000);
    this.#sent = { monotonic: clock.monotonic() - age, wall: clock.wall() - age };
    this.issuedAt = record.issued_at;
    const lifetime = sinceIssue(record, record.expires_at);
    this.#lifetimeMs = lifetime * 1000;
    this.#refreshLifetimeMs = sinceIssue(record, record.refresh_expires_at) * 1000;
    this.lifetime = record.expires_at === undefined ? undefined : lifetime;
    this.accessToken = new TokenSecret(record.access_token);
    this.scope = scopeList(record.scope ?? '');
    this.refreshToken = secretOf(record.refresh_token);
    this.idToken = secretOf(record.id_token);
    // Of short lives a share, or every use would be a renewal.
    this.#margin = Math.min(LONGEST_MARGIN_S, lifetime * MARGIN_SHARE) * 1000;
    // Many clients that were started together shall not all renew together.
    const jitter = 1 + (Math.random() * 2 - 1) * JITTER;
    this.#aging = Math.min(LONGEST_AGING_S, lifetime * AGING_SHARE) * 1000 * jitter;
  }

  /** Seconds left of its life; `undefined` when the server did not say how long it lives. */
  get expiresIn(): number | undefined {
    return this.lifetime === undefined ? undefined : Math.max(0, this.#left() / 1000);
  }

  /** False once the refresh token's known lifetime is over: sending it could only fail. */
  get canRefresh(): boolean {
    return (
      this.refreshToken !== undefined &&
      elapsedSince(this.#sent, this.#clock) < this.#refreshLifetimeMs
    );
  }

  /** Whether it may be sent. @param minValidity seconds that it must still live */
  isFit(minValidity = 0): boolean {
    const window = this.window(minValidity);
    return window === 'fresh' || window === 'aging';
  }

  /** @param minValidity seconds that it must still live to count as better than `due`; more than it ever had is asking too much. */
  window(minValidity = 0): Window {
    const left = this.#left();
    if (left <= 0) return 'expired';
    const needed = Math.min(minValidity * 1000, this.#lifetimeMs - this.#aging);
    if (left <= Math.max(this.#margin, needed)) return 'due';
    return left <= this.#aging ? 'aging' : 'fresh';
  }

  /** Milliseconds for which it stays `fresh`, unless somebody sets a clock or the machine sleeps; 0 where it is not. */
  get freshFor(): number {
    return Math.max(0, this.#left() - this.#aging);
  }

  #left(): number {
    return this.#lifetimeMs - elapsedSince(this.#sent, this.#clock);
  }
}

function sinceIssue({ issued_at }: StoredTokens, moment: number | undefined): number {
  return moment === undefined ? Number.POSITIVE_INFINITY : Math.max(0, moment - issued_at);
}

function secretOf(text: string | undefined): TokenSecret | undefined {
  return text === undefined ? undefined : new TokenSecret(text);
}

/** The scopes of a space-separated `scope` value (RFC 6749, section 3.3). */
export function scopeList(scope: string): string[] {
  return scope.split(' ').filter(Boolean);
}
