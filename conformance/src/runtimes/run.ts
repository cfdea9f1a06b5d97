import { execa } from 'execa';
import { CannotRun } from '../cannot-run.ts';
import { leash } from '../processes/leash.ts';

/**
 * Runs a tool that may ask the person for a password: it keeps the terminal, and so the group of processes, of this one.
 *
 * @throws {CannotRun} with the end of what it said, if it fails
 */
export async function runAtTerminal(words: readonly string[], purpose: string): Promise<void> {
  const [command = '', ...args] = words;
  const result = await execa(command, args, { reject: false, stdin: 'ignore', all: true });
  if (result.failed) throw failed(words, purpose, result);
}

/**
 * Runs a tool of the set-up, which ends with this process, whatever ends it.
 *
 * @returns what it printed on stdout
 * @throws {CannotRun} with the end of what it said, if it fails
 */
export async function run(words: readonly string[], purpose: string): Promise<string> {
  const tool = leash([...words], { stdin: 'ignore' });
  const { stdout, stderr } = tool.process.nodeChildProcess;
  const printed: Buffer[] = [];
  const all: Buffer[] = [];
  stdout?.on('data', (chunk: Buffer) => {
    printed.push(chunk);
    all.push(chunk);
  });
  stderr?.on('data', (chunk: Buffer) => all.push(chunk));
  const { exitCode, signal } = await tool.process;
  await tool.gone;
  if (exitCode === 0) return Buffer.concat(printed).toString('utf8').trimEnd();
  throw failed(words, purpose, { exitCode, signal, all: Buffer.concat(all).toString('utf8') });
}

function failed(
  [command]: readonly string[],
  purpose: string,
  {
    exitCode,
    signal,
    all,
  }: { exitCode?: number | undefined; signal?: string | undefined; all: string },
): CannotRun {
  const said = all.trim().split('\n').slice(-20).join('\n');
  const how = signal ?? (exitCode === undefined ? 'it cannot be started' : `exit code ${exitCode}`);
  return new CannotRun(`${purpose} failed (${command}: ${how}):\n${said}`);
}
