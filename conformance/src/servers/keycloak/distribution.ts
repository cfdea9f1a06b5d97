import { readPinned } from './files.ts';
import { findJava } from './java.ts';
import { rehearse } from './rehearsal.ts';
import { prepareArchive } from './archive.ts';
import type { Keycloak } from './index.ts';
import { prepareDatabase, prepareDistribution } from './prepared.ts';
import { readRealm } from './realm.ts';
import { compilers, type Load } from './command.ts';
import { startServer } from './server.ts';

/** Writing the archive after the rehearsal takes 15 s on two cores. */
const archiveLimitMs = 180_000;

/** Keycloak from its distribution, on the Java of this machine. @throws {CannotRun} */
export async function startDistribution(
  progress: (line: string) => void,
  load: Load,
): Promise<Keycloak> {
  const began = performance.now();
  const [pinned, java, realm] = await Promise.all([readPinned(), findJava(), readRealm()]);
  const say = (line: string) => progress(`Keycloak ${pinned.version}: ${line}`);

  let hit = true;
  const report = (line: string) => {
    hit = false;
    say(line);
  };
  const distribution = await prepareDistribution(pinned, java, report);
  const realms = await prepareDatabase(pinned, distribution, realm, java, report);
  const prepared = { java, distribution, realms };
  const archive = await prepareArchive(distribution, java, report, async (recording) => {
    const rehearsal = await startServer(prepared, recording);
    // What was recorded until then is worth having all the same.
    await rehearse(rehearsal.url).catch((error: unknown) =>
      report(`the rehearsal broke off: ${error instanceof Error ? error.message : String(error)}`),
    );
    await rehearsal.stop(archiveLimitMs);
  });
  const preparedMs = hit ? 0 : performance.now() - began;

  say('starting …');
  const server = await startServer(prepared, [...archive, ...compilers(load)]);
  say(`ready after ${(server.readyMs / 1000).toFixed(1)} s at ${server.url}`);
  return {
    url: server.url,
    way: 'distribution',
    version: pinned.version,
    preparedMs,
    readyMs: server.readyMs,
    ended: server.ended,
    // Its database is a copy that is thrown away: nothing is worth a second of waiting for an orderly end.
    stop: () => server.stop(0),
  };
}
