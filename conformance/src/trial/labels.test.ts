import { expect, test } from 'vitest';
import { replacer, spellings } from './labels.ts';

test('a secret that is part of another leaves nothing of the longer one', () => {
  const replace = replacer(
    new Map([
      ['ab+c', 'SHORT'],
      ['ab+c/def', 'LONG'],
    ]),
  );
  for (const spelling of spellings('ab+c/def'))
    expect(replace(`token=${spelling};`)).toBe('token=LONG;');
  expect(replace('ab+c')).toBe('SHORT');
});
