import { execa } from 'execa';
import { CannotRun } from '../cannot-run.ts';

/** Runs a tool of the set-up and returns what it printed on stdout; its failure ends the run. */
export async function run(words: readonly string[], purpose: string): Promise<string> {
  const [command = '', ...args] = words;
  const result = await execa(command, args, { reject: false, stdin: 'ignore', all: true });
  if (!result.failed) return result.stdout;
  const said = result.all.trim().split('\n').slice(-20).join('\n');
  throw new CannotRun(`${purpose} failed:\n${said || result.shortMessage}`);
}
