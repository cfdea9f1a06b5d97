import { fileURLToPath } from 'node:url';
import { AdapterBroken } from '../adapter/adapter-broken.ts';
import type { AdapterProcess } from '../adapter/adapter-process.ts';
import { startAdapter } from '../adapter/start-adapter.ts';
import { CannotRun } from '../cannot-run.ts';
import { findImplementations } from '../implementations/find.ts';
import { prepareRuntimes, type Progress } from '../runtimes/index.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));
const CLIENTS = ['typescript', 'python', 'r', 'groovy'];

/** A client under test, running. */
export interface RunningClient {
  readonly language: string;
  readonly adapter: AdapterProcess;
}

/**
 * Starts the clients of all languages.
 *
 * @throws CannotRun when one cannot be had; then none is left.
 */
export async function startClients(progress: Progress): Promise<RunningClient[]> {
  const all = await findImplementations(REPOSITORY);
  const chosen = CLIENTS.map((name) => {
    const found = all.find((implementation) => implementation.name === name);
    if (!found) throw new CannotRun(`there is no implementation ${name}`);
    return found;
  });
  const runtimes = await prepareRuntimes(chosen, progress);
  const started = await Promise.allSettled(
    chosen.map(async (implementation, index) => ({
      language: implementation.language,
      adapter: await startAdapter({ implementation, runtime: runtimes[index]! }),
    })),
  );
  const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = started.find(({ status }) => status === 'rejected');
  if (failed?.status !== 'rejected') return running;
  await Promise.all(running.map(({ adapter }) => adapter.end()));
  const { reason } = failed;
  throw reason instanceof AdapterBroken ? new CannotRun(reason.message) : reason;
}
