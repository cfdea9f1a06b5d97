import { isAlive, ProcessIdentity, thisProcess } from '../../processes/identity.ts';
import type { Engine } from './engine.ts';

const ownerLabel = 'polyglot-tokens.owner';

/** Marks a container as this process's. */
export const ownLabels = (): Record<string, string> => ({
  [ownerLabel]: JSON.stringify(thisProcess()),
});

/** Removes containers whose harness has died without removing them. */
export async function removeLeftovers(engine: Engine): Promise<void> {
  const containers = await engine.container.dockerode.listContainers({
    all: true,
    filters: { label: [ownerLabel] },
  });
  const left = containers.filter(({ Labels }) => !mayBeAlive(Labels[ownerLabel] ?? ''));
  await Promise.all(left.map(({ Id }) => removeContainer(engine, Id)));
}

/** Kills and removes a container; one that is gone or going already is fine. */
export async function removeContainer(engine: Engine, id: string): Promise<void> {
  try {
    await engine.container.getById(id).remove({ force: true, v: true });
  } catch (error) {
    const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
    if (status !== 404 && status !== 409) throw error;
  }
}

function mayBeAlive(label: string): boolean {
  try {
    return isAlive(ProcessIdentity.parse(JSON.parse(label))) ?? true;
  } catch {
    return false;
  }
}
