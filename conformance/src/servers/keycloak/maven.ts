import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotRun } from '../../cannot-run.ts';
import { sha256 } from '../../cache/manifest.ts';
import { type Pinned, pom } from './files.ts';
import { diskFull, telling, runTool, saysDiskFull } from './run-tool.ts';

/** 174 MB at 300 kB/s. */
const limitMs = 600_000;

/**
 * Puts the unpacked distribution into `folder`/keycloak, through Maven, and checks its zip.
 *
 * @throws {CannotRun} without Maven or network, or if the zip is not the pinned one
 */
export async function fetchDistribution(pinned: Pinned, folder: string): Promise<void> {
  const { exitCode, output } = await runTool(
    'fetching Keycloak',
    [
      'mvn',
      '--batch-mode',
      '--no-transfer-progress',
      '--strict-checksums',
      '-Dstyle.color=never',
      `--file=${pom}`,
      // Both goals put their result into the same folder; unpacking by Maven needs no other tool.
      'dependency:copy-dependencies',
      'dependency:unpack-dependencies',
      '-DincludeTypes=zip',
      `-DoutputDirectory=${folder}`,
      `-DmarkersDirectory=${join(folder, 'markers')}`,
    ],
    limitMs,
  );
  if (exitCode === 127) {
    throw new CannotRun(
      'Keycloak is fetched through Maven, and there is no mvn on PATH. ' +
        'Install it (Debian: apt-get install maven, or run the same again with --install; macOS: brew install maven), or use --server container or --server <url>.',
    );
  }
  if (exitCode !== 0) throw mavenTrouble(output, folder);

  // Nothing of it has been run yet.
  const zip = join(folder, pinned.zip);
  const actual = await sha256(zip);
  if (actual !== pinned.sha256) {
    throw new CannotRun(
      `${pinned.zip} as Maven delivers it has SHA-256 ${actual}, not the ${pinned.sha256} of conformance/keycloak/keycloak.sha256. ` +
        'If your local Maven repository or a mirror holds a damaged copy, delete it there.',
    );
  }
  await rm(zip);
  await rm(join(folder, 'markers'), { recursive: true });
  await rename(join(folder, `keycloak-${pinned.version}`), join(folder, 'keycloak'));
}

function mavenTrouble(output: string, folder: string): CannotRun {
  const useless = /^\[ERROR\] *$|Re-run Maven|read the following articles|\[Help \d\] http/;
  const lines = output.split('\n').filter((line) => !useless.test(line));
  const said = telling(lines.join('\n'), 3);
  if (saysDiskFull(output)) return diskFull(`${folder} or the local Maven repository`, output);
  if (/checksum validation failed/i.test(output)) {
    return new CannotRun(`Maven received a damaged file; try again:\n${said}`);
  }
  const cure = /Could not transfer|Unknown host|Connection refused|offline|timed out/i.test(output)
    ? 'It needs the network once (behind a proxy or mirror: configure Maven as usual), or use --server <url>.'
    : 'Maven must be 3.6.3 or newer; run the same by hand with mvn dependency:copy-dependencies in conformance/keycloak.';
  return new CannotRun(`Maven cannot fetch Keycloak:\n${said}\n${cure}`);
}
