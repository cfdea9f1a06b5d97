export const VERDICTS = [
  'pass',
  'fail',
  'warn',
  'not-implemented',
  'not-reached',
  'contradiction',
  'expected-fail',
  'harness-error',
] as const;

/**
 * - `pass`: the rule was kept, and seen to be.
 * - `fail`: it was broken; `warn`: a SHOULD was.
 * - `not-implemented`: the adapter does not declare what the case needs.
 * - `not-reached`: something before the rule went wrong, so nothing was shown. Counts as a failure.
 * - `contradiction`: what the client said is not what the wire shows. Counts as a failure.
 * - `expected-fail`: a failure that is listed beside the implementation.
 * - `harness-error`: the harness or its servers failed; never the client's fault, and the run is void.
 */
export type Verdict = (typeof VERDICTS)[number];

/** Verdicts that make a run fail. */
export const RED: ReadonlySet<Verdict> = new Set([
  'fail',
  'not-reached',
  'contradiction',
  'harness-error',
]);

/** The same and warnings: what somebody should look at. */
export const BROKEN: ReadonlySet<Verdict> = new Set([...RED, 'warn'] as const);

/** Ends a trial with a verdict other than `pass`. */
export class Judgement extends Error {
  readonly verdict: Verdict;
  readonly expected: string;
  readonly seen: string;

  constructor(verdict: Verdict, expected: string, seen: unknown) {
    super(`expected ${expected}`);
    this.verdict = verdict;
    this.expected = expected;
    this.seen = typeof seen === 'string' ? seen : (JSON.stringify(seen) ?? 'nothing');
  }
}

/** The rule itself: not kept means `fail`. */
export function must(kept: boolean, expected: string, seen: unknown): asserts kept {
  if (!kept) throw new Judgement('fail', expected, seen);
}

/** What has to be so before the rule can be judged: otherwise `not-reached`. */
export function reach(there: boolean, expected: string, seen: unknown): asserts there {
  if (!there) throw new Judgement('not-reached', expected, seen);
}

/** Two witnesses that must agree. */
export function agree(same: boolean, expected: string, seen: unknown): asserts same {
  if (!same) throw new Judgement('contradiction', expected, seen);
}
