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
    throw new CannotRun(`${what} was not done after ${limitMs / 1000} s:\n${lastLines(output)}`);
  return { exitCode, output };
}

/** The end of a log, without colours. */
export function lastLines(text: string, count = 15): string {
  // oxlint-disable-next-line no-control-regex -- colours are control characters
  const plain = text.replaceAll(/\u001B\[[\d;]*m/g, '').trimEnd();
  return plain.split('\n').slice(-count).join('\n');
}
