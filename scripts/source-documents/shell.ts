import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { watchArguments } from '../../conformance/src/processes/arguments.ts';
import { leash } from '../../conformance/src/processes/leash.ts';
import { onExit } from '../../conformance/src/processes/on-exit.ts';
import type { Runtime } from '../../conformance/src/runtimes/index.ts';
import type { Outcome } from './answer.ts';

/** Each request has 30 s. */
const LIMIT_MS = 60_000;
/** Reads the names of files and does what stands in each, as if a person pasted it: variables stay. */
const READ_ON = `
while read -r _block; do
  . "$_block" <"$_block.in" >"$_block.out" 2>"$_block.err"
  echo "$?"
done`;

/** The scripts of a prepared environment name the folder that it was made in, and so nothing. */
const HTTPIE = '#!/bin/sh\nexec python -m httpie "$@"\n';

/** What came of a block, and what whoever lists processes could read meanwhile. */
export interface Run extends Outcome {
  readonly commandLines: readonly string[];
}

/** One sh in an empty folder and a clean environment. */
export interface Shell {
  /**
   * Runs a block to its end.
   *
   * @param stdin what it reads
   * @returns undefined if the shell ended with it, or it did not end in time
   */
  run(block: string, stdin: string): Promise<Run | undefined>;
  stop(): Promise<void>;
}

/** @param runtimes their programs are found before the system's */
export async function openShell(
  runtimes: readonly Runtime[],
  settings: Readonly<Record<string, string>>,
): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'polyglot-tokens-documents-'));
  const [home, empty, bin] = [join(folder, 'home'), join(folder, 'empty'), join(folder, 'bin')];
  await Promise.all([home, empty, bin].map((one) => mkdir(one)));
  await writeFile(join(bin, 'http'), HTTPIE, { mode: 0o700 });
  const system = ['/usr/local/bin', '/usr/bin', '/bin'];
  const path = [bin, ...runtimes.flatMap((runtime) => runtime.path), ...system];
  const env = { HOME: home, LC_ALL: 'C.UTF-8', ...settings, PATH: path.join(delimiter) };
  const sh = leash(['sh', '-c', READ_ON], { cwd: empty, env, stderr: 'ignore' });
  const { pid, stdin } = sh.process.nodeChildProcess;
  if (!stdin) throw new TypeError('the shell needs pipes');
  // It may have ended in the block before.
  stdin.on('error', () => undefined);
  const statuses = createInterface({ input: sh.process.stdout });
  const remove = () => rm(folder, { recursive: true, force: true });
  const forget = onExit(remove);

  let count = 0;
  return {
    async run(block, input) {
      const file = join(folder, `block-${++count}`);
      await Promise.all([writeFile(file, `${block}\n`), writeFile(`${file}.in`, input)]);
      const seen = pid === undefined ? () => [] : watchArguments(pid);
      const limit = setTimeout(() => void sh.stop(0), LIMIT_MS);
      const status = once(statuses, 'line') as Promise<[string]>;
      stdin.write(`${file}\n`);
      const ended = await Promise.race([status, sh.gone]);
      clearTimeout(limit);
      const commandLines = seen();
      if (!ended) return undefined;
      const [stdout, stderr] = await Promise.all(
        ['out', 'err'].map((end) => readFile(`${file}.${end}`, 'utf8')),
      );
      return {
        exitCode: Number(ended[0]),
        stdout: stdout ?? '',
        stderr: stderr ?? '',
        commandLines,
      };
    },
    async stop() {
      await sh.stop(0);
      await remove();
      forget();
    },
  };
}
