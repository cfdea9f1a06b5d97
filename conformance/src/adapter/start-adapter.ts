import { delimiter } from 'node:path';
import type { Implementation } from '../implementations/find.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import { AdapterProcess } from './adapter-process.ts';

/**
 * Starts the adapter of an implementation, with its run-time on the path.
 *
 * @param more environment variables
 * @throws AdapterBroken
 */
export function startAdapter(
  { implementation, runtime }: { implementation: Implementation; runtime: Runtime },
  more: Readonly<Record<string, string>> = {},
): Promise<AdapterProcess> {
  return AdapterProcess.start({
    command: implementation.adapter ?? [],
    folder: implementation.folder,
    env: {
      ...process.env,
      ...runtime.env,
      ...more,
      LC_ALL: 'C',
      PATH: [...runtime.path, process.env['PATH']].join(delimiter),
    },
  });
}
