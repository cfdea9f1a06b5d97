import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { prepare } from '../../cache/prepare.ts';
import type { Java } from './java.ts';
import { step } from './steps.ts';

/** Changes with the Java options and with what is rehearsed. */
const recipe = '4';

/**
 * Records the classes that a start loads (115-170 MB), which halves the time of every later start.
 *
 * @param rehearse starts Keycloak with these Java options, uses it a little and stops it
 * @returns the Java options that use the archive
 */
export async function prepareArchive(
  distribution: string,
  java: Java,
  progress: (line: string) => void,
  rehearse: (javaOptions: string[]) => Promise<void>,
): Promise<string[]> {
  // JDK 25 has the better archive (JEP 514); before that, only what the application loader sees is kept.
  const [record, use] =
    java.major >= 25
      ? ['AOTCacheOutput', 'AOTCache']
      : ['ArchiveClassesAtExit', 'SharedArchiveFile'];
  const name = 'classes.archive';
  // The archive belongs to one Java build and to the class path, that is to the folder's name.
  const key = [recipe, distribution, java.path, java.build];
  const build = async (folder: string): Promise<void> => {
    const file = join(folder, name);
    await step(progress, 'recording the class archive', () => rehearse([`-XX:${record}=${file}`]));
    // Java says at its end, if at all, that it could not write the archive.
    await stat(file).catch(() => {
      throw new NoArchive();
    });
    await rm(`${file}.config`, { force: true });
  };
  try {
    const folder = await prepare({ kind: 'keycloak-archive', key, build, progress });
    return [`-XX:${use}=${join(folder, name)}`];
  } catch (error) {
    if (!(error instanceof NoArchive)) throw error;
    progress('Java wrote no class archive, so the start takes twice as long');
    return [];
  }
}

class NoArchive extends Error {}
