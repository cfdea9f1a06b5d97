type Cleanup = () => Promise<unknown> | void;

/** 128 + the signal's number, as shells report a process that a signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof exitCodes;
const signals: Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

const cleanups = new Set<Cleanup>();
let ending = false;

/**
 * Registers what must be undone if a signal (SIGINT, SIGTERM, SIGHUP) ends the run. The process then
 * exits with 130, 143 or 129 once every cleanup has settled; a second signal exits at once.
 *
 * @returns takes the registration back; call it when the thing has been undone in the ordinary way
 */
export function onExit(cleanup: Cleanup): () => void {
  if (cleanups.size === 0) for (const signal of signals) process.on(signal, end);
  cleanups.add(cleanup);
  return () => {
    cleanups.delete(cleanup);
    // Without handlers of ours the default action is back, so an idle process ends by Ctrl-C at once.
    if (cleanups.size === 0 && !ending) for (const signal of signals) process.off(signal, end);
  };
}

/** Whether a signal is ending the run: errors that come out of it are consequences, not news. */
export function isEnding(): boolean {
  return ending;
}

function end(signal: Signal): void {
  if (ending) process.exit(exitCodes[signal]);
  ending = true;
  // All at once: a slow one must not hold up the others.
  const running = [...cleanups].map(async (cleanup) => cleanup());
  void Promise.allSettled(running).then(() => process.exit(exitCodes[signal]));
}
