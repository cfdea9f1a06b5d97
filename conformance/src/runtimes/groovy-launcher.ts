import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { prepare } from '../cache/prepare.ts';
import { shellWord } from '../processes/shell-word.ts';
import type { Java } from './java.ts';
import { run } from './run.ts';
import type { Progress } from './runtime.ts';

const ARCHIVE = 'classes.jsa';
const TRAINING = fileURLToPath(new URL('groovy-training.groovy', import.meta.url));

/**
 * Half the CPU time of a short script goes into the optimizing compiler and a concurrent collector that
 * it never profits from. A twentieth goes into the certificates of the world, which no client on loopback meets, and as
 * much into collecting garbage, of which there is less than 96 MB.
 */
const FLAGS = [
  '-XX:TieredStopAtLevel=1',
  '-XX:+UseSerialGC',
  '-Xms160m',
  '-Xmn96m',
  '-Xmx160m',
  '-Djavax.net.ssl.trustStore=NONE',
];

/**
 * A folder with a `groovy` program for these jars: the full distribution's launcher costs a second more.
 * A class archive beside it (AppCDS) saves loading and verifying Groovy's classes in each start.
 */
export async function prepareLauncher(
  java: Java,
  jars: readonly string[],
  progress: Progress,
): Promise<string> {
  // The JVM ignores an archive whose jars have another time than when it was made.
  const times = await Promise.all(jars.map(async (jar) => (await stat(jar)).mtimeMs));
  const script = launcher(java.path, jars);
  return prepare({
    kind: 'groovy',
    key: [script, java.identity, java.version, times.join()],
    progress,
    async build(folder) {
      progress(`Groovy: preparing its start on Java ${java.version} …`);
      const file = join(folder, 'groovy');
      await writeFile(file, script);
      await chmod(file, 0o755);
      const record = `-XX:ArchiveClassesAtExit=${join(folder, ARCHIVE)}`;
      await run([java.path, ...FLAGS, record, ...main(jars), TRAINING], 'Preparing Groovy');
    },
  });
}

/** Names a folder with the classes of scripts, each in a folder named by the SHA-256 of its text. */
export const COMPILED_SCRIPTS = 'POLYGLOT_GROOVY_SCRIPTS';

/**
 * The text of the launcher. It finds the archive beside itself, because its folder is moved once made. A script that was compiled before runs from its
 * classes; any other one, and one that has changed since, from its source.
 */
export function launcher(java: string, jars: readonly string[]): string {
  // The archive is only a gain: if the JVM cannot use it, nothing is said, on stdout least of all.
  const archive = ['-Xshare:auto', '-Xlog:disable', `-XX:SharedArchiveFile="\${0%/*}/${ARCHIVE}"`];
  const words = [shellWord(java), ...FLAGS, ...archive];
  return `#!/bin/sh
if [ -f "$1" ] && [ -n "$${COMPILED_SCRIPTS}" ]; then
  sum=$(sha256sum <"$1")
  classes=$${COMPILED_SCRIPTS}/\${sum%% *}
  if [ -d "$classes" ]; then
    name=\${1##*/}
    shift
    exec ${words.join(' ')} -cp ${shellWord(jars.join(':'))}:"$classes" "\${name%.groovy}" "$@"
  fi
fi
exec ${[...words, ...main(jars).map(shellWord)].join(' ')} "$@"
`;
}

function main(jars: readonly string[]): string[] {
  return ['-cp', jars.join(':'), 'groovy.ui.GroovyMain'];
}
