import type { Clock } from './clock.ts';
import { oauthError } from './error_classes.ts';
import { OAuthError } from './errors.ts';

const FREE_FAILURES = 2;
const FIRST_PAUSE_S = 1;
const LONGEST_PAUSE_S = 60;

/**
 * When the token endpoint is not asked: for as long as it said itself (`Retry-After`, RFC 9110, section 10.2.3), and for growing pauses
 * once the same failure has come three times in a row. A client that goes on asking is what keeps an overloaded server down.
 */
export class CoolDown {
  readonly #clock: Clock;
  #failures = 0;
  #last: OAuthError | undefined;
  #until = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds that are left. */
  get left(): number {
    return Math.max(0, this.#until - this.#clock.monotonic()) / 1000;
  }

  /** The error to give instead of a request, while the pause lasts. */
  get error(): OAuthError | undefined {
    const { left } = this;
    if (left <= 0 || !this.#last) return undefined;
    const { class: errorClass, message, details } = this.#last;
    return oauthError(
      errorClass,
      `${message}; not asked again for ${left.toFixed(1)} s more`,
      // The message has the hint already.
      { ...details, hint: undefined, retryAfter: left },
    );
  }

  succeeded(): void {
    this.#failures = 0;
    this.#last = undefined;
    this.#until = 0;
  }

  failed(error: unknown): void {
    // What never reached the server does it no harm, and a login that is missing is looked for in the store each time.
    if (!(error instanceof OAuthError) || error.delivery !== 'answered') return;
    const same = sameFailure(this.#last, error);
    this.#failures = same ? this.#failures + 1 : 1;
    this.#last = error;
    const pause = Math.max(error.retryAfter ?? 0, this.#growingPause());
    this.#until = this.#clock.monotonic() + pause * 1000;
  }

  #growingPause(): number {
    const repeats = this.#failures - FREE_FAILURES;
    return repeats > 0 ? Math.min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** (repeats - 1)) : 0;
  }
}

function sameFailure(a: OAuthError | undefined, b: OAuthError): boolean {
  return a?.class === b.class && a.httpStatus === b.httpStatus && a.oauthError === b.oauthError;
}
