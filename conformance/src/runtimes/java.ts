import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { fact } from './facts.ts';
import { findProgram, type Program } from './find-program.ts';
import { refuse } from './missing.ts';
import { run } from './run.ts';
import { isAtLeast } from './version.ts';

/** Keycloak's own minimum; Groovy 5 would do with 11. */
const JAVA = '17';

export interface Java extends Program {
  readonly version: string;
}

/** The `java` on PATH, else that of JAVA_HOME; throws `MissingSoftware` if there is none from 17 on. */
export async function findJava(): Promise<Java> {
  const missing = {
    what: `Java ${JAVA} or newer`,
    packages: {
      'apt-get': ['default-jre-headless'],
      dnf: ['java-latest-openjdk-headless'],
      brew: ['openjdk'],
    },
    otherwise: `a Java run-time from ${JAVA} on, as "java" on PATH`,
  };
  const home = process.env['JAVA_HOME'];
  const java =
    (await findProgram('java')) ??
    (home ? await findProgram('java', [join(home, 'bin')]) : undefined);
  if (java === undefined) return refuse(missing);
  const version = (await releasedVersion(java)) ?? (await askedVersion(java));
  return isAtLeast(version, JAVA) ? { ...java, version } : refuse(missing);
}

/** Maven fetches jars and Keycloak. */
export async function findMaven(): Promise<Program> {
  const packages = { 'apt-get': ['maven'], dnf: ['maven'], brew: ['maven'] };
  const missing = { what: 'Maven (mvn)', packages, otherwise: 'Maven, as "mvn" on PATH' };
  return (await findProgram('mvn')) ?? refuse(missing);
}

/** Every JDK and JRE since 7 says its version in a file, which spares the start of a JVM. */
async function releasedVersion(java: Program): Promise<string | undefined> {
  try {
    const release = await readFile(join(dirname(java.real), '..', 'release'), 'utf8');
    return /^JAVA_VERSION="([^"]+)"$/m.exec(release)?.[1];
  } catch {
    return undefined;
  }
}

/** For a `java` that is a script of a version manager. macOS has one that only fails, so no error. */
async function askedVersion(java: Program): Promise<string> {
  return fact('java', z.string(), [java.identity, process.env['JAVA_HOME'] ?? ''], async () => {
    const said = await run([java.path, '-XshowSettings:properties', '-version'], 'Asking Java');
    return /^\s*java\.version = (\S+)$/m.exec(said)?.[1] ?? '0';
  });
}
