import type { Clock } from './clock.ts';
import type { CoolDown } from './cool_down.ts';
import { oauthError } from './error_classes.ts';
import { OAuthError } from './errors.ts';
import { SingleFlight } from './single_flight.ts';
import type { Token } from './token.ts';

/**
 * Gets the token that follows.
 *
 * @param current the one at hand.
 * @param force not to take one from the store, unless somebody has put it there since `current`.
 * @param minValidity seconds that one from the store must still live.
 */
export type Renew = (
  current: Token | undefined,
  force: boolean,
  minValidity: number,
) => Promise<Token>;

/** A moment on the monotonic clock until which something is true of a token. */
interface Period {
  readonly token: Token;
  readonly until: number;
}

const LONGEST_FRESH_MS = 3_600_000;
/** A renewal beside that failed, of a token that is still good, is not tried again at once. */
const BESIDE_AGAIN_MS = 1_000;
/** For so long a token that was to cure a refusal is on trial at most, and for so long it is not renewed for refusals if it fails. */
const TRIAL_MS = 60_000;

/**
 * One token's life, from the first call to the last: which calls get the token at hand, which start a renewal, and which wait for one. The
 * transition table is in docs/token-life.md, and is what the tests play at random.
 */
export class TokenLife {
  // What every call looks at stands together, in one line of the processor's cache.
  readonly #clock: Clock;
  /** The moment, on the monotonic clock, until which the token is fresh in the clocks' present era. */
  #freshUntil = 0;
  #era = 0;
  #token: Token | undefined;
  #served: Promise<Token> | undefined;
  readonly #renew: Renew;
  readonly #coolDown: CoolDown;
  readonly #flight = new SingleFlight<Token>();
  readonly #callers = new SingleFlight<Token>();
  #besideAgainAt = 0;
  /** The token at hand, where it was taken from the store. */
  #fromStore: Token | undefined;
  #refused: Token | undefined;
  /** Seconds since 1970. */
  #refusedAt = 0;
  /** The token that the server issued after one was refused, and until when it is on trial. */
  #cure: Period | undefined;
  /** The token that is refused for another reason than its own state, and until when nothing is renewed for that. */
  #incurable: Period | undefined;
  #logins = 0;

  constructor(renew: Renew, coolDown: CoolDown, clock: Clock) {
    this.#renew = renew;
    this.#coolDown = coolDown;
    this.#clock = clock;
  }

  /** The token at hand, fit or not. */
  get token(): Token | undefined {
    return this.#token;
  }

  /**
   * A token that is fit for use. While one is `aging`, it is given at once and renewed beside; what is `due` is waited for.
   *
   * @param minValidity seconds.
   */
  get(minValidity = 0, force = false): Promise<Token> {
    if (this.#served && !force && this.fresh(minValidity)) return this.#served;
    if (force || minValidity > 0) return this.#wait(minValidity, force);
    // Who wants nothing special shares even the promise with all others.
    return this.#callers.run(() => this.#wait(0, false));
  }

  /**
   * What {@link get} gives without waiting, if it does.
   *
   * @param minValidity seconds.
   */
  fresh(minValidity = 0): Token | undefined {
    const now = this.#clock.monotonic();
    const era = this.#clock.era(now);
    if (now < this.#freshUntil && era === this.#era && minValidity === 0) return this.#token;
    return this.#look(minValidity, now, era);
  }

  /** What {@link fresh} gives, by the token itself. */
  #look(minValidity: number, now: number, era: number): Token | undefined {
    const token = this.#token;
    if (!token || token === this.#refused) return undefined;
    const window = token.window(minValidity);
    if (window === 'aging') this.#renewBeside();
    if (window === 'fresh') {
      this.#era = era;
      // Small whole numbers are kept in the object itself, and not behind a pointer.
      this.#freshUntil = Math.floor(now + Math.min(token.freshFor, LONGEST_FRESH_MS));
    }
    return window === 'fresh' || window === 'aging' ? token : undefined;
  }

  /**
   * The token to use after an API has refused one: a newer one if there is one already, else a renewed one.
   *
   * @returns undefined if renewing has not helped with this token just now.
   */
  async replace(refused: Token): Promise<Token | undefined> {
    this.refuse(refused);
    if (this.#isIncurable(refused)) return undefined;
    return this.get();
  }

  /** Says that an API refused a token: it is not given again, unless it is not the token that is wrong. */
  refuse(token: Token): void {
    if (token !== this.#token || token === this.#refused || this.#isIncurable(token)) return;
    if (isWithin(this.#cure, token, this.#clock)) return this.#giveUp(token);
    this.#refused = token;
    this.#refusedAt = this.#clock.wall() / 1000;
    this.#freshUntil = 0;
  }

  /** Says that an API refused a token that {@link replace} gave. One that was at hand already may be as bad as the one before. */
  refusedAgain(token: Token): void {
    if (token === this.#token && token === this.#cure?.token) this.#giveUp(token);
    else this.refuse(token);
  }

  /** Says that an API took a token: when one refuses it later, it is worth renewing again. */
  worked(token: Token): void {
    if (token === this.#cure?.token) this.#cure = { token, until: 0 };
  }

  #giveUp(token: Token): void {
    this.#incurable = { token, until: this.#clock.monotonic() + TRIAL_MS };
    if (this.#refused === token) this.#refused = undefined;
  }

  #isIncurable(token: Token): boolean {
    return isWithin(this.#incurable, token, this.#clock);
  }

  /** Forgets the token, as after a logout. */
  forget(): void {
    this.#token = undefined;
    this.#served = undefined;
    this.#fromStore = undefined;
    this.#refused = undefined;
    this.#cure = undefined;
    this.#incurable = undefined;
    this.#freshUntil = 0;
    this.#logins++;
  }

  /** Takes a token that was got otherwise: by a login. */
  accept(token: Token): Token {
    // One that is older than the refusal says nothing about whether renewing helps.
    const isCure = this.#refused !== undefined && token.issuedAt >= this.#refusedAt;
    const until = this.#clock.monotonic() + TRIAL_MS;
    this.#cure = isCure ? { token, until } : undefined;
    this.#token = token;
    this.#refused = undefined;
    this.#served = Promise.resolve(token);
    this.#freshUntil = 0;
    this.#coolDown.succeeded();
    return token;
  }

  async #wait(minValidity: number, force: boolean): Promise<Token> {
    const cooling = this.#coolDown.error;
    if (cooling) return this.#serveAnyhow(minValidity, force, cooling);
    try {
      const joins = this.#flight.isUnderWay;
      const token = await this.#flight.run(() => this.#follow(force, minValidity));
      if (!joins || token !== this.#fromStore || token.isFit(minValidity)) return token;
      // Those who began wanted less of it. One that was just issued is given in any case.
      return await this.#flight.run(() => this.#follow(false, minValidity));
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      // The settings were right when the token came: what is wrong now, before anybody was asked, is the store.
      const isStore = error.class === 'config_error' && error.delivery === undefined;
      if (!error.retryable && !isStore) throw error;
      return this.#serveAnyhow(minValidity, force, error);
    }
  }

  /** While the token endpoint or the store is out of order, or nothing is asked, a token that still lives is better than none. */
  #serveAnyhow(minValidity: number, force: boolean, error: OAuthError): Token {
    const token = this.#token;
    const lives = token && token !== this.#refused && (token.expiresIn ?? Infinity) > minValidity;
    if (!force && lives) return token;
    throw error;
  }

  #renewBeside(): void {
    if (this.#coolDown.left > 0 || this.#clock.monotonic() < this.#besideAgainAt) return;
    // Whoever asks later tries again, and waits once the token is due: nobody is told of this failure.
    this.#flight
      .run(() => this.#follow(false))
      .catch(() => {
        this.#besideAgainAt = this.#clock.monotonic() + BESIDE_AGAIN_MS;
      });
  }

  async #follow(force: boolean, minValidity = 0): Promise<Token> {
    const login = this.#logins;
    const beganAt = this.#clock.wall() / 1000;
    try {
      // A refused token may still stand in the store as good.
      const forced = force || this.#refused !== undefined;
      const token = await this.#renew(this.#token, forced, minValidity);
      if (login !== this.#logins) {
        throw oauthError('login_required', 'logged out while the token was being renewed');
      }
      this.#fromStore = token.issuedAt < beganAt ? token : undefined;
      return this.accept(token);
    } catch (error) {
      this.#coolDown.failed(error);
      throw error;
    }
  }
}

function isWithin(period: Period | undefined, token: Token, clock: Clock): boolean {
  return period?.token === token && clock.monotonic() < period.until;
}
