import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { casesOf, loadRequirements } from './load.ts';

const README = new URL('../../../README.md', import.meta.url);

/** The most rules that a language keeps, for each area of the first screen's matrix. */
function promised(readme: string): Map<string, number> {
  const rows = readme.matchAll(/^\S.* (\w+)\.\* +(✓.*)$/gm);
  return new Map(
    [...rows].map(([, area = '', marks = '']) => [
      area,
      Math.max(...[...marks.matchAll(/✓ (\d+)/g)].map(([, rules]) => Number(rules))),
    ]),
  );
}

test("the README's matrix counts the rules that there are", async () => {
  const there = new Map<string, number>();
  for (const requirement of await loadRequirements()) {
    const needsBrowser = casesOf(requirement).every(
      ({ definition }) => definition.kind !== 'sample' && definition.browser,
    );
    const area = requirement.id.split('.')[0]!;
    if (!needsBrowser) there.set(area, (there.get(area) ?? 0) + 1);
  }
  expect(promised(await readFile(README, 'utf8'))).toEqual(there);
});
