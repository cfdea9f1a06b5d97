import { basename } from 'node:path';
import { parseArgsStringToArgv } from 'string-argv';
import { CannotRun } from '../cannot-run.ts';

const RUN = /^\W*Run: *(.+?)\s*(?:\*\/|""")?$/;
const COMMENT_OR_BLANK = /^\s*(?:#|\/\/|$)/;
const BLOCK = /^\s*(\/\*|""")(.*)$/;

/**
 * The command in the first comment of a sample (`Run: <command>`), as words. It is read there and
 * repeated nowhere, so what a person copies from the file is what the harness proves.
 */
export function sampleCommand(file: string, source: string): readonly string[] {
  const name = basename(file);
  const command = firstComment(source)
    .map((line) => RUN.exec(line)?.[1])
    .find((found) => found !== undefined);
  if (command === undefined) {
    throw new CannotRun(`${file}: its first comment has no line "Run: <command for ${name}>"`);
  }
  const words = parseArgsStringToArgv(command);
  if (!words.includes(name)) {
    throw new CannotRun(
      `${file}: its first comment runs "${command}", which does not name ${name}`,
    );
  }
  return words;
}

/** The lines above the first line of code; a Python docstring counts as a comment. */
function firstComment(source: string): string[] {
  const comment: string[] = [];
  let end: string | undefined;
  for (const line of source.split(/\r?\n/)) {
    const [, opening, rest = ''] = BLOCK.exec(line) ?? [];
    if (end !== undefined) {
      if (line.includes(end)) end = undefined;
    } else if (opening !== undefined) {
      const closing = opening === '/*' ? '*/' : opening;
      if (!rest.includes(closing)) end = closing;
    } else if (!COMMENT_OR_BLANK.test(line)) {
      break;
    }
    comment.push(line);
  }
  return comment;
}
