import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { edited, type IdentifiedMutant } from './load.ts';
import type { Edit } from './mutant.ts';

const range = z.object({ startOffset: z.int(), endOffset: z.int(), count: z.int() });
type Range = z.infer<typeof range>;
const report = z.object({
  result: z.array(
    z.object({ url: z.string(), functions: z.array(z.object({ ranges: z.array(range) })) }),
  ),
});

/** What V8 saw running in the processes of one trial: for each of them the ranges of each file, by its URL. */
type Run = ReadonlyMap<string, readonly Range[]>[];

/** The folder in which the processes of a trial leave their coverage (NODE_V8_COVERAGE). */
export function coverageFolder(root: string, caseId: string): string {
  return join(root, encodeURIComponent(caseId));
}

/**
 * Which trials run the code that a mutant changes. A trial of the client that is right, in which nothing reaches the changed text, runs just the
 * same on the mutant: it need not be played to know that it stays green.
 */
export class Coverage {
  readonly #root: string;
  readonly #runs = new Map<string, Promise<Run>>();
  readonly #sources = new Map<string, Promise<string>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** Whether a trial can tell the mutant from the client that is right. */
  async reaches(caseId: string, mutant: IdentifiedMutant): Promise<boolean> {
    const run = await this.#run(caseId);
    // A process that was killed leaves nothing: nobody knows what it ran.
    if (run.length === 0) return true;
    const spans = await Promise.all(mutant.edits.map((edit) => this.#span(edit)));
    return spans.some((span) => run.some((files) => isRun(span, files.get(span.url))));
  }

  #run(caseId: string): Promise<Run> {
    const known = this.#runs.get(caseId) ?? readRun(coverageFolder(this.#root, caseId));
    this.#runs.set(caseId, known);
    return known;
  }

  async #span(edit: Edit): Promise<Span> {
    const file = edited(edit);
    const source = this.#sources.get(file.href) ?? readFile(file, 'utf8');
    this.#sources.set(file.href, source);
    return changedSpan(file.href, await source, edit);
  }
}

async function readRun(folder: string): Promise<Run> {
  const files: string[] = [];
  for await (const file of glob('*.json', { cwd: folder })) files.push(join(folder, file));
  return Promise.all(
    files.map(async (file) => {
      const { result } = report.parse(JSON.parse(await readFile(file, 'utf8')));
      return new Map(
        result.map(({ url, functions }) => [url, functions.flatMap(({ ranges }) => ranges)]),
      );
    }),
  );
}

/** Where a file changes, and its text there. */
export interface Span {
  readonly url: string;
  readonly start: number;
  readonly text: string;
}

/** The part of an edit that differs; where text is only put in, the characters on both sides of it. */
export function changedSpan(url: string, source: string, { find, replace }: Edit): Span {
  let head = 0;
  while (head < find.length && head < replace.length && find[head] === replace[head]) head++;
  let tail = 0;
  const most = Math.min(find.length, replace.length) - head;
  while (tail < most && find.at(-1 - tail) === replace.at(-1 - tail)) tail++;
  const from = Math.max(0, head - 1);
  const to = Math.min(find.length, find.length - tail + 1);
  return { url, start: source.indexOf(find) + from, text: find.slice(from, to) };
}

/** Whether any character of the span has been run: the innermost range around it says so. Types are blanks to V8, and count as their surroundings. */
export function isRun({ start, text }: Span, ranges: readonly Range[] | undefined): boolean {
  // The file was never loaded.
  if (!ranges) return false;
  const around = ranges
    .filter(({ startOffset, endOffset }) => startOffset < start + text.length && endOffset > start)
    .toSorted((a, b) => a.endOffset - a.startOffset - (b.endOffset - b.startOffset));
  for (let at = start; at < start + text.length; at++) {
    if (text[at - start]?.trim() === '') continue;
    const innermost = around.find(
      ({ startOffset, endOffset }) => startOffset <= at && at < endOffset,
    );
    if ((innermost?.count ?? 1) > 0) return true;
  }
  return false;
}
