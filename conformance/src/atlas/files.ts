import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diff } from 'node:util';
import type { Pages } from './pages/index.ts';

const FOLDER = 'errors';
const SHORT_DIFF_LINES = 12;

/** A page that is not as the servers answer. */
export interface Stale {
  readonly path: string;
  /** A few lines of what would change: `-` is there, `+` should be. */
  readonly difference: string;
}

/** Compares the pages in `folder` with what they should be; nothing is written. */
export async function stalePages(folder: string, pages: Pages): Promise<Stale[]> {
  const stale = await Promise.all(
    [...pages].map(async ([path, wanted]) => {
      const found = await readFile(join(folder, path), 'utf8').catch(() => '');
      return found === wanted ? [] : [{ path, difference: shortDiff(found, wanted) }];
    }),
  );
  const left = await leftOver(folder, pages);
  return [
    ...stale.flat(),
    ...left.map((path) => ({ path, difference: '- the whole page: no server gives this error' })),
  ];
}

/** Writes the pages into `folder`, and removes those of errors that no server gives any more. */
export async function writePages(folder: string, pages: Pages): Promise<void> {
  for (const path of await leftOver(folder, pages)) await rm(join(folder, path));
  for (const [path, text] of pages) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function leftOver(folder: string, pages: Pages): Promise<string[]> {
  const files = await readdir(join(folder, FOLDER)).catch(() => []);
  return files.map((file) => `${FOLDER}/${file}`).filter((path) => !pages.has(path));
}

function shortDiff(found: string, wanted: string): string {
  const lines = diff(narrow(found).split('\n'), narrow(wanted).split('\n'))
    .filter(([operation]) => operation !== 0)
    // The operation says how the first becomes the second: 1 stands in the first alone.
    .map(([operation, line]) => `${operation === 1 ? '-' : '+'} ${line}`);
  if (lines.length === 0) return 'only the widths of its tables differ';
  const more = lines.length - SHORT_DIFF_LINES;
  return [...lines.slice(0, SHORT_DIFF_LINES), ...(more > 0 ? [`… ${more} more lines`] : [])].join(
    '\n',
  );
}

/** Without the padding of tables: one wide cell would make a difference of every row. */
function narrow(text: string): string {
  return text.replaceAll(/ {2,}/g, ' ').replaceAll(/-{3,}/g, '---');
}
