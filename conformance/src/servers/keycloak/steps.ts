/** A person starts to wonder after about this long (ms). */
const tickMs = 10_000;

/** Says what is being done, every 10 seconds that it still is, and how long it took. */
export async function step<T>(
  progress: (line: string) => void,
  what: string,
  work: () => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  progress(`${what} …`);
  const tick = setInterval(() => progress(`${what} … ${seconds()} so far`), tickMs);
  try {
    const result = await work();
    progress(`${what} … ${seconds()}`);
    return result;
  } finally {
    clearInterval(tick);
  }
}
