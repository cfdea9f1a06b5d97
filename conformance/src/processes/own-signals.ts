const signals = ['SIGINT', 'SIGTERM'] as const;

/**
 * Does something, and takes away the signal handlers that it has put up. Vitest ends the process one millisecond after a signal, long before
 * what `onExit` was told has been undone.
 */
export async function keepingOwnSignals<Result>(work: () => Promise<Result>): Promise<Result> {
  const own = signals.map((signal) => ({ signal, handlers: new Set(process.listeners(signal)) }));
  const result = await work();
  for (const { signal, handlers } of own) {
    for (const handler of process.listeners(signal))
      if (!handlers.has(handler)) process.off(signal, handler);
  }
  return result;
}
