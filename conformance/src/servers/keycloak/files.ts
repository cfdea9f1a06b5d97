import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { CannotRun } from '../../cannot-run.ts';

const root = new URL('../../../', import.meta.url);

/** Path of a file of this package, for people and for other processes. */
export const packageFile = (path: string): string => fileURLToPath(new URL(path, root));

export const pom = packageFile('keycloak/pom.xml');
export const conf = packageFile('keycloak/keycloak.conf');
/** Compiler directives of Java (JEP 165). */
export const compilerDirectives = packageFile('keycloak/compilers.json');

export interface Pinned {
  version: string;
  /** The zip's file name, as Maven calls it. */
  zip: string;
  sha256: string;
}

/** The pinned version and the checksum that goes with it. @throws {CannotRun} if they do not fit together */
export async function readPinned(): Promise<Pinned> {
  const project = await readFile(pom, 'utf8');
  const version = /<artifactId>keycloak-quarkus-dist<.*?<version>([^<]+)</s.exec(project)?.[1];
  if (version === undefined)
    throw new CannotRun(`${pom} names no version of keycloak-quarkus-dist`);

  const zip = `keycloak-quarkus-dist-${version}.zip`;
  const checksums = packageFile('keycloak/keycloak.sha256');
  const [sha256 = '', name] = (await readFile(checksums, 'utf8')).trim().split(/\s+/);
  if (name !== zip) {
    throw new CannotRun(
      `${checksums} is about ${name}, but ${pom} asks for ${version}: put the line "<SHA-256>  ${zip}" there`,
    );
  }
  return { version, zip, sha256 };
}
