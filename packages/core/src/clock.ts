/** Where the time comes from; another one is for tests only. */
export interface Clock {
  /** Milliseconds that never go back, from an arbitrary moment. They may stand still while the machine sleeps. */
  monotonic(): number;
  /** Milliseconds since 1970. They may jump when somebody sets the clock. */
  wall(): number;
  /**
   * A number that is another one when the two clocks have moved against each other: the machine slept, or somebody set the wall clock.
   * Until then, what was reckoned by both of them can be looked up by the monotonic one alone.
   *
   * @param monotonic what that clock says now.
   */
  era(monotonic: number): number;
}

// Reading a clock is most of what it costs to hand out a token, and a program that has slept will have been asleep for longer.
const LATE_MS = 200;
// Less is what a time server evens out.
const JUMP_MS = 50;
let lookedAt = Number.NEGATIVE_INFINITY;
let ahead = Number.NaN;
let era = 0;

/** The machine's. A jump of the wall clock begins an era up to 200 ms late. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
  era(monotonic) {
    if (monotonic - lookedAt >= LATE_MS) look(monotonic);
    return era;
  },
};

function look(monotonic: number): void {
  lookedAt = monotonic;
  const now = Date.now() - monotonic;
  if (Math.abs(now - ahead) < JUMP_MS) return;
  ahead = now;
  era++;
}

/** A moment on both clocks. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * Milliseconds since a moment, by the clock that says more: a token must not live on because the machine slept, nor because somebody set the
 * clock back. A clock set forward costs one renewal.
 */
export function elapsedSince(moment: Moment, clock: Clock): number {
  return Math.max(clock.monotonic() - moment.monotonic, clock.wall() - moment.wall);
}
