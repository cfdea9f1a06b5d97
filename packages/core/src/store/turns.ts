const tails = new Map<string, Promise<unknown>>();
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Runs work when everybody who asked before for the same name, in this process, is done. A thousand callers then cost one poller of a file
 * lock, not a thousand.
 *
 * @param limitMs how long to wait for the turn.
 * @param late makes the error to throw when it did not come.
 */
export async function inTurn<Result>(
  name: string,
  work: () => Promise<Result>,
  limitMs = Infinity,
  late: () => Promise<Error> = () => Promise.resolve(new Error(`no turn at ${name}`)),
): Promise<Result> {
  const before = tails.get(name);
  const { promise: done, resolve: finish } = Promise.withResolvers<undefined>();
  // Who gives up is done before those before it: whoever comes next waits for all of them.
  const tail = Promise.all([before, done]);
  tails.set(name, tail);
  try {
    if (before && !(await within(before, limitMs))) throw await late();
    return await work();
  } finally {
    finish(undefined);
    if (tails.get(name) === tail) void tail.then(() => forget(name, tail));
  }
}

function forget(name: string, tail: Promise<unknown>): void {
  if (tails.get(name) === tail) tails.delete(name);
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(resolve, Math.min(Math.max(ms, 0), LONGEST_TIMER_MS), false);
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
