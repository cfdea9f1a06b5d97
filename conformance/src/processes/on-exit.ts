import { isMainThread } from 'node:worker_threads';

type Cleanup = () => Promise<unknown> | void;

/** 128 + the signal's number, as shells report a process that a signal ended. */
const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof exitCodes;
const signals: Signal[] = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** When a cleanup has its turn: what processes leave can go when they are gone. */
type Turn = 'processes' | 'leftovers';

const cleanups = new Map<Cleanup, Turn>();
let ending = false;

// A worker hears no signal: the main thread passes the word on.
const word = new BroadcastChannel('polyglot-tokens-ending');
if (!isMainThread) word.addEventListener('message', endWorker);
word.unref();

/**
 * Registers what must be undone if a signal (SIGINT, SIGTERM, SIGHUP) ends the run. The process then
 * exits with 130, 143 or 129 once every cleanup has settled; a second signal exits at once.
 *
 * @param turn all `leftovers` come after all `processes`.
 * @returns takes the registration back; call it when the thing has been undone in the ordinary way
 */
export function onExit(cleanup: Cleanup, turn: Turn = 'processes'): () => void {
  if (cleanups.size === 0) for (const signal of signals) process.on(signal, end);
  cleanups.set(cleanup, turn);
  // A worker goes on with its trials until its process ends, and what they still start nobody would wait for.
  if (ending && !isMainThread) queueMicrotask(() => void cleanup());
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
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel within one process has none
  word.postMessage(signal);
  void settled().then(() => process.exit(exitCodes[signal]));
}

function endWorker(): void {
  ending = true;
  void settled();
}

async function settled(): Promise<void> {
  for (const now of ['processes', 'leftovers'] as const) {
    const due = [...cleanups].filter(([, turn]) => turn === now);
    // All at once: a slow one must not hold up the others.
    await Promise.allSettled(due.map(async ([cleanup]) => cleanup()));
  }
}
