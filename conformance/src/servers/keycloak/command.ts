import { join } from 'node:path';
import { compilerDirectives } from './files.ts';
import type { Java } from './java.ts';

/**
 * The command that bin/kc.sh of Keycloak 26.7.5 would run, without that script in between: signals and the
 * leash reach Java itself, and nothing that the user has set for other Keycloaks gets in.
 *
 * @param distribution folder with lib/
 * @param home folder with conf/ and data/; Keycloak writes below data/ only
 */
export function keycloakCommand(
  java: Java,
  distribution: string,
  home: string,
  javaOptions: string[],
  args: string[],
): string[] {
  return [
    java.path,
    ...javaOptions,
    '-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory',
    '-XX:MetaspaceSize=96M',
    '-XX:MaxMetaspaceSize=256m',
    '-XX:+ExitOnOutOfMemoryError',
    // 365 MB resident instead of 474 with kc.sh's G1, and 5 % less processor time over 1,500 token requests.
    '-XX:+UseSerialGC',
    // A heap that need not grow saves a twentieth of a start and of the requests after it.
    '-Xms256m',
    '-Xmn160m',
    '-Xmx512m',
    '-Dfile.encoding=UTF-8',
    '-Dstdout.encoding=UTF-8',
    '-Dstderr.encoding=UTF-8',
    '-Duser.language=en',
    '-Duser.country=US',
    '--add-opens=java.base/java.util=ALL-UNNAMED',
    '--add-opens=java.base/java.util.concurrent=ALL-UNNAMED',
    '--add-opens=java.base/java.security=ALL-UNNAMED',
    '--add-opens=java.base/java.lang=ALL-UNNAMED',
    '--enable-native-access=ALL-UNNAMED',
    `-Dkc.home.dir=${home}`,
    `-Djboss.server.config.dir=${join(home, 'conf')}`,
    '-Djava.util.logging.manager=org.jboss.logmanager.LogManager',
    '-Dpicocli.disable.closures=true',
    '-Dquarkus-log-max-startup-records=10000',
    '-cp',
    join(distribution, 'lib', 'quarkus-run.jar'),
    'io.quarkus.bootstrap.runner.QuarkusEntryPoint',
    ...args,
  ];
}

/** How much a Keycloak will be used: by one run's trials (about 1,000 token requests), or by those of all mutants (over 20,000). */
export type Load = 'run' | 'mutants';

/**
 * Java's optimizing compiler (C2) pays only in the long run, except for the arithmetic of RSA. With the class archive and Java 25, a start
 * took 14 s of processor time and 1,200 requests after it 15.5 s; with C1 alone 9 s and 21 s, two thirds of these in BigInteger; with C2 for
 * signatures and hashes only, 10 s and 14 s. For 3,000 requests, C2 everywhere had already overtaken C1.
 */
export function compilers(load: Load): string[] {
  return load === 'run'
    ? ['-XX:+UnlockDiagnosticVMOptions', `-XX:CompilerDirectivesFile=${compilerDirectives}`]
    : [];
}

/** The user's environment without what would configure this Keycloak or Java. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const ours = /^(KC_|QUARKUS_|KEYCLOAK_|JAVA_TOOL_OPTIONS$|JDK_JAVA_OPTIONS$|CLASSPATH$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
}
