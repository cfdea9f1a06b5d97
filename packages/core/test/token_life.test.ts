import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { CoolDown } from '../src/cool_down.ts';
import { oauthError } from '../src/error_classes.ts';
import { abortable } from '../src/abortable.ts';
import { OAuthError } from '../src/errors.ts';
import { Token } from '../src/token.ts';
import { TokenLife } from '../src/token_life.ts';
import { FakeClock } from './fixtures/fake_clock.ts';

// The transition table of docs/token-life.md as a model, played at random against the real thing. The model knows only what a caller could know.

type Outcome =
  'ok' | 'unavailable' | 'retry-after' | 'invalid_client' | 'config_error' | 'login_required';

type Event =
  | { type: 'get'; minValidity: number; force: boolean }
  | { type: 'abort' }
  | { type: 'refuse'; which: 'current' | 'older' }
  | { type: 'refuse-again' }
  | { type: 'works' }
  | { type: 'logout' }
  | { type: 'login'; lifetime: number }
  | { type: 'answer'; outcome: Outcome; lifetime: number }
  | { type: 'advance'; seconds: number }
  | { type: 'step'; seconds: number };

const outcome = fc.constantFrom<Outcome>(
  'ok',
  'ok',
  'ok',
  'unavailable',
  'retry-after',
  'invalid_client',
  'login_required',
);
const seconds = fc.constantFrom(1, 5, 9, 30, 58, 1_500, 1_780, 4_000);

const lifetime = fc.constantFrom(2, 10, 60, 1_800, Number.POSITIVE_INFINITY);

const event: fc.Arbitrary<Event> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('get' as const),
      minValidity: fc.constantFrom(0, 0, 0, 20, 600, 5_000),
      force: fc.constantFrom(false, false, false, true),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('refuse' as const),
      which: fc.constantFrom('current' as const, 'older' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('abort' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('refuse-again' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('works' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('logout' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('login' as const), lifetime }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('answer' as const), outcome, lifetime }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('advance' as const), seconds }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('step' as const),
      seconds: fc.constantFrom(-7_200, -5, 5, 7_200),
    }),
  },
);

interface Caller {
  readonly minValidity: number;
  readonly force: boolean;
  readonly abort: AbortController;
  settled?: Token | Error;
}

/** A token and the moment, on the monotonic clock, until which something is true of it. */
interface Period {
  readonly token: Token;
  readonly until: number;
}

class Play {
  readonly clock = new FakeClock();
  tokens: Token[] = [];
  readonly callers: Caller[] = [];
  refusedAt: number | undefined;
  cure: Period | undefined;
  incurable: Period | undefined;
  besideAgainAt = 0;
  isBeside = false;
  /** Somebody has logged out since the renewal that is under way began. */
  isOrphan = false;
  renewals = 0;
  underWay: PromiseWithResolvers<Token> | undefined;
  coolUntil = 0;
  failures: string[] = [];
  readonly life = new TokenLife(() => this.#renew(), new CoolDown(this.clock), this.clock);

  get token(): Token | undefined {
    return this.tokens.at(-1);
  }

  get isRefused(): boolean {
    return this.refusedAt !== undefined;
  }

  #is(period: Period | undefined, token: Token): boolean {
    return period?.token === token && this.clock.monotonic() < period.until;
  }

  /** What a refusal of the token at hand makes of it. */
  #refuse(token: Token): void {
    if (this.isRefused || this.#is(this.incurable, token)) return;
    if (this.#is(this.cure, token)) return this.#giveUp(token);
    this.refusedAt = this.clock.wall();
  }

  #giveUp(token: Token): void {
    this.incurable = { token, until: this.clock.monotonic() + 60_000 };
    this.refusedAt = undefined;
  }

  #take(token: Token): void {
    const isCure = this.refusedAt !== undefined && token.issuedAt * 1000 >= this.refusedAt;
    this.cure = isCure ? { token, until: this.clock.monotonic() + 60_000 } : undefined;
    this.refusedAt = undefined;
    this.tokens.push(token);
    this.failures = [];
    this.coolUntil = 0;
  }

  #renew(): Promise<Token> {
    expect(this.underWay, 'one renewal at a time').toBeUndefined();
    expect(this.clock.monotonic(), 'none while the server wants a pause').toBeGreaterThanOrEqual(
      this.coolUntil,
    );
    this.renewals++;
    this.isBeside = false;
    this.isOrphan = false;
    this.underWay = Promise.withResolvers<Token>();
    return this.underWay.promise;
  }

  async get(minValidity: number, force: boolean): Promise<void> {
    const { token } = this;
    const usable = token && !this.isRefused && !force ? token : undefined;
    const window = usable?.window(minValidity);
    const before = this.renewals;
    const wantsPause = this.clock.monotonic() < this.coolUntil;
    const cooling = wantsPause || this.failures.length > 2;
    const maySendBeside = !cooling && this.clock.monotonic() >= this.besideAgainAt;
    const caller: Caller = { minValidity, force, abort: new AbortController() };
    this.callers.push(caller);
    abortable(this.life.get(minValidity, force), caller.abort.signal).then(
      (given) => (caller.settled = given),
      (error: Error) => (caller.settled = error),
    );
    await settle();
    if (window === 'fresh') {
      expect(caller.settled, 'fresh: the token at hand').toBe(token);
      expect(this.renewals, 'fresh: nothing is sent').toBe(before);
    } else if (window === 'aging') {
      expect(caller.settled, 'aging: the token at hand, at once').toBe(token);
      if (maySendBeside) {
        expect(this.underWay, 'aging: a renewal beside').toBeDefined();
        this.isBeside = true;
      }
    } else if (wantsPause) {
      const lives = usable && (usable.expiresIn ?? Infinity) > minValidity;
      if (lives) expect(caller.settled, 'a pause: what still lives').toBe(usable);
      else expect(caller.settled, 'a pause: its error').toBeInstanceOf(OAuthError);
      expect(this.renewals, 'a pause: nothing is sent').toBe(before);
    } else if (!cooling) {
      expect(caller.settled, 'due, expired, refused, none, forced: waits').toBeUndefined();
      expect(this.underWay, 'for a renewal').toBeDefined();
    }
  }

  async refuse(which: 'current' | 'older'): Promise<void> {
    const token = which === 'current' ? this.token : this.tokens.at(-2);
    if (!token) return;
    if (token === this.token) this.#refuse(token);
    const before = this.renewals;
    const isAging = !this.isRefused && this.token?.window() === 'aging';
    const answer = this.life.replace(token).catch((error: unknown) => error);
    await settle();
    // It gives what is at hand as any call does.
    if (isAging && this.renewals > before) this.isBeside = true;
    if (this.#is(this.incurable, token)) {
      expect(await answer, 'renewing does not help').toBeUndefined();
      expect(this.renewals).toBe(before);
    } else if (token !== this.token && this.token?.window() === 'fresh' && !this.isRefused) {
      expect(await answer, 'a newer token wins').toBe(this.token);
      expect(this.renewals).toBe(before);
    }
  }

  refuseAgain(): void {
    const { token } = this;
    if (!token) return;
    if (token === this.cure?.token) this.#giveUp(token);
    else this.#refuse(token);
    this.life.refusedAgain(token);
  }

  works(): void {
    const { token } = this;
    if (!token) return;
    if (token === this.cure?.token) this.cure = { token, until: 0 };
    this.life.worked(token);
  }

  async abort(): Promise<void> {
    const [first, ...others] = this.callers.filter(({ settled }) => settled === undefined);
    if (!first) return;
    const before = this.renewals;
    const reason = new Error('the caller has gone');
    first.abort.abort(reason);
    await settle();
    expect(first.settled, 'who gives up hears so at once').toBe(reason);
    for (const { settled } of others) expect(settled, 'the others wait on').toBeUndefined();
    expect(this.renewals).toBe(before);
    expect(this.underWay, 'and the renewal goes on').toBeDefined();
  }

  logout(): void {
    this.life.forget();
    this.tokens = [];
    this.refusedAt = undefined;
    this.cure = undefined;
    this.incurable = undefined;
    this.isOrphan = true;
  }

  login(lives: number): void {
    const token = this.#issue(lives);
    this.#take(token);
    this.life.accept(token);
  }

  async answer(kind: Outcome, lives: number): Promise<void> {
    const { underWay } = this;
    if (!underWay) return;
    this.underWay = undefined;
    const waiting = this.callers.filter(({ settled }) => settled === undefined);
    const besideEnds = () => {
      if (this.isBeside) this.besideAgainAt = this.clock.monotonic() + 1_000;
    };
    if (kind === 'ok' && this.isOrphan) {
      underWay.resolve(this.#issue(lives));
      await settle();
      besideEnds();
      for (const { settled } of waiting)
        expect(settled, 'a logout is not undone').toMatchObject({ class: 'login_required' });
      return;
    }
    if (kind === 'ok') {
      const token = this.#issue(lives);
      this.#take(token);
      underWay.resolve(token);
      await settle();
      for (const caller of waiting) expect(caller.settled, 'all get the new token').toBe(token);
      return;
    }
    const { class: same } = failure(kind);
    if (kind !== 'login_required') {
      if (this.failures.at(-1) !== same) this.failures = [];
      this.failures.push(same);
    }
    if (kind === 'retry-after') this.coolUntil = this.clock.monotonic() + 30_000;
    underWay.reject(failure(kind));
    await settle();
    besideEnds();
    for (const { settled, force, minValidity } of waiting) {
      expect(settled, 'all hear of it').toBeDefined();
      if (!(settled instanceof Token)) continue;
      expect(['unavailable', 'retry-after'], 'a token only on an outage').toContain(kind);
      expect(force).toBe(false);
      expect(settled).toBe(this.token);
      expect(this.isRefused, 'never a refused one').toBe(false);
      expect(settled.expiresIn ?? Infinity, 'that still lives').toBeGreaterThan(minValidity);
    }
  }

  #issue(lives: number): Token {
    const issued_at = this.clock.wall() / 1000;
    const text = `token ${this.renewals}`;
    const record = { access_token: text, token_type: 'Bearer' as const, issued_at };
    const expires_at = Number.isFinite(lives) ? issued_at + lives : undefined;
    return new Token({ ...record, expires_at }, this.clock);
  }

  async play(next: Event): Promise<void> {
    if (next.type === 'get') return this.get(next.minValidity, next.force);
    if (next.type === 'refuse') return this.refuse(next.which);
    if (next.type === 'abort') return this.abort();
    if (next.type === 'refuse-again') return this.refuseAgain();
    if (next.type === 'works') return this.works();
    if (next.type === 'logout') return this.logout();
    if (next.type === 'login') return this.login(next.lifetime);
    if (next.type === 'answer') return this.answer(next.outcome, next.lifetime);
    if (next.type === 'advance') return this.clock.advance(next.seconds * 1000);
    return this.clock.step(next.seconds * 1000);
  }
}

function failure(kind: Outcome): OAuthError {
  const answered = { delivery: 'answered' as const };
  if (kind === 'retry-after') {
    return oauthError('unavailable', 'busy', { ...answered, retryAfter: 30 });
  }
  // Nobody was asked.
  if (kind === 'login_required' || kind === 'config_error') return oauthError(kind, kind);
  return oauthError(kind === 'ok' ? 'network' : kind, kind, answered);
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('at random: calls, aborts, refusals, answers, failures, logins, logouts, time and clock steps', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 5, maxLength: 40 }), async (events) => {
      const play = new Play();
      for (const next of events) await play.play(next);
      await play.answer('ok', 1_800);
      await settle();
      expect(
        play.callers.filter(({ settled }) => settled === undefined),
        'nobody waits for ever',
      ).toEqual([]);
    }),
    { numRuns: 1_500 },
  );
}, 60_000);

test('a token does not live longer because the clock is set back', async () => {
  const play = new Play();
  await play.get(0, false);
  await play.answer('ok', 60);
  play.clock.step(-7_200_000);
  play.clock.advance(61_000);
  expect(play.token?.window()).toBe('expired');
});

test('nor because the machine slept, when only the wall clock went on', async () => {
  const play = new Play();
  await play.get(0, false);
  await play.answer('ok', 60);
  play.clock.step(61_000);
  expect(play.token?.window()).toBe('expired');
  expect(play.life.fresh()).toBeUndefined();
});

test('a token that is refused as soon as it was renewed is not renewed for each refusal (gravitino#12531)', async () => {
  const play = new Play();
  await play.get(0, false);
  await play.answer('ok', 1_800);
  const first = play.token!;
  const replaced = play.life.replace(first);
  await settle();
  await play.answer('ok', 1_800);
  const second = await replaced;
  expect(second).toBe(play.token);
  play.life.refusedAgain(second!);
  for (let i = 0; i < 10; i++) expect(await play.life.replace(second!)).toBeUndefined();
  expect(play.renewals).toBe(2);
});

test('a share of the lifetime bounds the margin: twenty calls in the first half of a short life make one request (openfga/java-sdk#389)', async () => {
  const play = new Play();
  await play.get(0, false);
  await play.answer('ok', 4);
  for (let i = 0; i < 20; i++) {
    play.clock.advance(100);
    await play.get(0, false);
  }
  expect(play.renewals).toBe(1);
});

test('asking for more validity than a token ever has renews it once its best is over, not at each call', async () => {
  const play = new Play();
  await play.get(5_000, false);
  await play.answer('ok', 1_800);
  for (let i = 0; i < 20; i++) await play.get(5_000, false);
  expect(play.renewals).toBe(1);
});

test('who needs more life than the renewal that it joined was asked for gets a renewal of its own', async () => {
  const clock = new FakeClock();
  const asked: number[] = [];
  const record = { token_type: 'Bearer' as const, issued_at: clock.wall() / 1000 };
  const expires_at = record.issued_at + 60;
  clock.advance(30_000);
  const life = new TokenLife(
    async (current, _force, minValidity) => {
      asked.push(minValidity);
      await settle();
      // The first one lay in a store and has 30 s left.
      return current
        ? new Token({ ...record, access_token: 'new', issued_at: clock.wall() / 1000 }, clock)
        : new Token({ ...record, access_token: 'stored', expires_at }, clock);
    },
    new CoolDown(clock),
    clock,
  );
  const [first, second] = await Promise.all([life.get(), life.get(40)]);
  expect(first.accessToken.reveal()).toBe('stored');
  expect(second.accessToken.reveal()).toBe('new');
  expect(asked).toEqual([0, 40]);
});

test('who joins a renewal whose answer took most of the life gets its token too, and makes no other one', async () => {
  const play = new Play();
  const callers = [play.life.get(), play.life.get(5)];
  await settle();
  const issued_at = play.clock.wall() / 1000;
  play.clock.advance(9_500);
  const record = { access_token: 'slow', token_type: 'Bearer' as const, issued_at };
  play.underWay?.resolve(new Token({ ...record, expires_at: issued_at + 10 }, play.clock));
  const [first, second] = await Promise.all(callers);
  expect(second).toBe(first);
  expect(play.renewals).toBe(1);
});

test('the third equal failure in a row begins a pause, and a success ends it (zalando/tokens#10)', async () => {
  const play = new Play();
  for (let i = 0; i < 3; i++) {
    await play.get(0, false);
    await play.answer('invalid_client', 0);
  }
  expect(play.renewals).toBe(3);
  await play.get(0, false);
  expect(play.renewals).toBe(3);
  expect(play.callers.at(-1)?.settled).toMatchObject({ class: 'invalid_client' });
  play.failures = [];
  play.clock.advance(1_100);
  await play.get(0, false);
  expect(play.renewals).toBe(4);
});

test.each([
  ['unavailable', true],
  ['config_error', true],
  ['invalid_client', false],
] as const)('%s, while the token is due but lives: is it given? %s', async (kind, given) => {
  const play = new Play();
  await play.get(0, false);
  await play.answer('ok', 60);
  const token = play.token!;
  play.clock.advance(56_000);
  expect(token.window()).toBe('due');
  const answer = play.life.get().catch((error: OAuthError) => error.class);
  await settle();
  await play.answer(kind, 0);
  expect(await answer).toBe(given ? token : kind);
});

test('a logout while a renewal is under way is not undone by it', async () => {
  const play = new Play();
  await play.get(0, false);
  await play.answer('ok', 60);
  const late = play.life.get(0, true).catch((error: OAuthError) => error.class);
  await settle();
  play.life.forget();
  await play.answer('ok', 60);
  expect(await late).toBe('login_required');
  expect(play.life.token).toBeUndefined();
});
