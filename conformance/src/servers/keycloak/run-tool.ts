import { stripVTControlCharacters } from 'node:util';
import { cureFor } from '../../cache/folder.ts';
import { CannotRun } from '../../cannot-run.ts';
import { leash } from '../../processes/leash.ts';

export interface Outcome {
  exitCode: number | undefined;
  /** Standard output and standard error in the order in which they came. */
  output: string;
}

/**
 * Runs a command to its end, on the leash.
 *
 * @param limitMs after which the command is stopped
 * @throws {CannotRun} if the limit is over, with the end of the output
 */
export async function runTool(
  what: string,
  command: string[],
  limitMs: number,
  env?: NodeJS.ProcessEnv,
): Promise<Outcome> {
  const tool = leash(command, { stdin: 'ignore', ...(env === undefined ? {} : { env }) });
  let output = '';
  for (const stream of [tool.process.stdout, tool.process.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    void tool.stop();
  }, limitMs);
  const { exitCode } = await tool.process;
  clearTimeout(limit);
  if (late)
    throw new CannotRun(`${what} was not done after ${limitMs / 1000} s:\n${telling(output)}`);
  return { exitCode, output };
}

/** What a person needs of a log: from its first error on, or else its end; without colours. */
export function telling(text: string, count = 15): string {
  const lines = stripVTControlCharacters(text).trimEnd().split('\n');
  const error = lines.findIndex((line) => /\b(ERROR|FATAL)\b/.test(line));
  return (error === -1 ? lines.slice(-count) : lines.slice(error, error + count)).join('\n');
}

/** Whether a tool's output says that there is no room. */
export const saysDiskFull = (output: string): boolean =>
  /No space left on device|Disk quota exceeded|not enough space/i.test(output);

/** @param where the tool wrote to */
export function diskFull(where: string, output: string): CannotRun {
  const line = output.split('\n').find(saysDiskFull) ?? '';
  return new CannotRun(
    `the disk is full at ${where}. ${cureFor('XDG_CACHE_HOME')}\n${line.trim().slice(0, 300)}`,
  );
}
