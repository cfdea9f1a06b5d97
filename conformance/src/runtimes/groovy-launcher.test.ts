import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { launcher } from './groovy-launcher.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "it's a launcher-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Runs the launcher with a `java` that prints its arguments, one a line. */
async function start(args: string[]): Promise<string[]> {
  const java = join(folder, 'java');
  await writeFile(java, '#!/bin/sh\nprintf "%s\\n" "$@"\n');
  await writeFile(join(folder, 'groovy'), launcher(java, ['/a b/groovy.jar', "/it's/json.jar"]));
  await Promise.all([java, join(folder, 'groovy')].map((file) => chmod(file, 0o755)));
  const { stdout } = await promisify(execFile)('groovy', args, { env: { PATH: folder } });
  return stdout.split('\n').slice(0, -1);
}

test('the arguments of the script come last and unchanged', async () => {
  const words = await start(['a.groovy', 'two words', '$HOME', '']);
  const at = words.indexOf('groovy.ui.GroovyMain');
  expect(words.slice(at + 1)).toEqual(['a.groovy', 'two words', '$HOME', '']);
  expect(words.slice(at - 2, at)).toEqual(['-cp', "/a b/groovy.jar:/it's/json.jar"]);
});

test('the class archive is looked for beside the launcher, and a bad one is passed over silently', async () => {
  const words = await start(['a.groovy']);
  expect(words).toContain(`-XX:SharedArchiveFile=${join(folder, 'classes.jsa')}`);
  expect(words).toEqual(expect.arrayContaining(['-Xshare:auto', '-Xlog:disable']));
});
