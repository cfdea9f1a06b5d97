import { StringDecoder } from 'node:string_decoder';

/** A line is longer than the protocol allows. */
export class LineTooLong extends Error {}

/**
 * Cuts a stream of bytes into lines at `\n` alone: a JSON message may hold a raw U+2028, at which `node:readline` would cut too.
 *
 * @param longest in characters; a longer line makes the returned function throw {@link LineTooLong}.
 */
export function lineSplitter(longest: number): (chunk: Buffer) => string[] {
  const decoder = new StringDecoder('utf8');
  let parts: string[] = [];
  let size = 0;
  return (chunk) => {
    const [head = '', ...tail] = decoder.write(chunk).split('\n');
    const lines: string[] = [];
    let last = head;
    for (const next of tail) {
      lines.push(parts.join('') + last);
      parts = [];
      size = 0;
      last = next;
    }
    parts.push(last);
    size += last.length;
    if (size > longest) throw new LineTooLong();
    return lines;
  };
}
