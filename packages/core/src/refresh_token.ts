import { TokenSecret } from './secret.ts';
import type { TokenResponse } from './token_response.ts';

/** A refresh token with what is known of its life. */
export class RefreshToken {
  readonly secret: TokenSecret;
  readonly #goodUntil: number;

  constructor(value: string, goodUntil: number) {
    this.secret = new TokenSecret(value);
    this.#goodUntil = goodUntil;
  }

  /** False once its known lifetime is over: sending it could only fail. */
  get isUsable(): boolean {
    return performance.now() < this.#goodUntil;
  }
}

/**
 * The refresh token to use after an answer: a new one replaces the old one, and where there is none the old one stays
 * (RFC 6749, section 6).
 *
 * @param sentAt when the request was sent, in milliseconds of the monotonic clock.
 */
export function nextRefreshToken(
  response: TokenResponse,
  sentAt: number,
  current: RefreshToken | undefined,
): RefreshToken | undefined {
  if (response.refreshToken === undefined) return current;
  const lifetime = response.refreshExpiresIn ?? Number.POSITIVE_INFINITY;
  return new RefreshToken(response.refreshToken, sentAt + lifetime * 1000);
}
