import type { RefreshToken } from './refresh_token.ts';
import { TokenSecret } from './secret.ts';
import type { TokenResponse } from './token_response.ts';

const LONGEST_MARGIN_S = 30;
const MARGIN_SHARE = 0.1;

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
  readonly #goodUntil: number;
  readonly #margin: number;

  /**
   * @param sentAt when the request was sent, in milliseconds of the monotonic clock. The server counts from no earlier moment, so this
   *   renews too soon if anything, never too late.
   * @param refreshToken the one to use from now on, be it new or kept.
   * @param scope what was granted if the answer does not say (RFC 6749, section 5.1).
   */
  constructor(
    response: TokenResponse,
    sentAt: number,
    refreshToken: RefreshToken | undefined,
    scope: readonly string[],
  ) {
    const lifetime = response.expiresIn ?? Number.POSITIVE_INFINITY;
    this.lifetime = response.expiresIn;
    this.accessToken = new TokenSecret(response.accessToken);
    this.scope = response.scope === undefined ? scope : scopeList(response.scope);
    this.refreshToken = refreshToken?.secret;
    this.idToken = response.idToken === undefined ? undefined : new TokenSecret(response.idToken);
    this.#goodUntil = sentAt + lifetime * 1000;
    this.#margin = Math.min(LONGEST_MARGIN_S, lifetime * MARGIN_SHARE);
  }

  /** Seconds left of its life; `undefined` when the server did not say how long it lives. */
  get expiresIn(): number | undefined {
    const left = (this.#goodUntil - performance.now()) / 1000;
    return Number.isFinite(left) ? Math.max(0, left) : undefined;
  }

  /** Whether more than the margin, and more than `minValidity` seconds, are left. */
  isFit(minValidity: number): boolean {
    return this.#goodUntil - performance.now() > Math.max(minValidity, this.#margin) * 1000;
  }
}

/** The scopes of a space-separated `scope` value (RFC 6749, section 3.3). */
export function scopeList(scope: string): string[] {
  return scope.split(' ').filter(Boolean);
}
