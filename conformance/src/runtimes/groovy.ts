import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { prepare } from '../cache/prepare.ts';
import { CannotRun } from '../cannot-run.ts';
import type { Needs } from '../implementations/find.ts';
import { COMPILED_SCRIPTS, prepareLauncher } from './groovy-launcher.ts';
import { compileScripts } from './groovy-scripts.ts';
import { findJava, findMaven } from './java.ts';
import { together } from './missing.ts';
import { run } from './run.ts';
import type { Progress, RuntimeKind } from './runtime.ts';

/** Groovy from the jars that a pom.xml names, run by the `java` on PATH. */
export const groovy: RuntimeKind = {
  find: () => together([findJava(), findMaven()]),
  async prepare(needs, progress) {
    // Maven is needed only while the jars are not there.
    const [java, jars] = await together([findJava(), prepareJars(needs, progress)]);
    const folder = await prepareLauncher(java, jars, progress);
    const scripts = await compileScripts(needs, join(folder, 'groovy'), progress);
    const env = { [COMPILED_SCRIPTS]: scripts };
    return { path: [folder], env, version: `Groovy ${versionOf(jars)}, Java ${java.version}` };
  },
};

async function prepareJars(needs: Needs, progress: Progress): Promise<string[]> {
  const { packages: pom } = needs;
  if (pom === undefined) throw new CannotRun('Groovy needs a pom.xml in "needs.packages"');
  const folder = await prepare({
    kind: 'groovy-jars',
    key: [await readFile(pom, 'utf8')],
    progress,
    async build(into) {
      const [, maven] = await together([findJava(), findMaven()]);
      progress('Groovy: fetching the jars of pom.xml …');
      const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${into}`];
      await run([maven.path, '-q', '-B', '-C', '-f', pom, ...goal], `Fetching the jars of ${pom}`);
    },
  });
  const jars = (await readdir(folder)).filter((name) => name.endsWith('.jar')).toSorted();
  return jars.map((name) => join(folder, name));
}

function versionOf(jars: readonly string[]): string {
  const names = jars.map((jar) => /^groovy-(\d.*)\.jar$/.exec(basename(jar))?.[1]);
  return names.find((version) => version !== undefined) ?? '?';
}
