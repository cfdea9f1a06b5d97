import { expect, test } from 'vitest';
import { isAtLeast } from './version.ts';

test.each([
  ['3.10', '3.10'],
  ['3.11.7', '3.10'],
  ['3.10.0', '3.9.18'],
  ['4', '3.10'],
  ['1.6', '1.6.0'],
  ['17.0.15+6', '17'],
  ['1.4-3', '1.4-2'],
  ['1.4-2', '1.4'],
])('%s is at least %s', (version, minimum) => {
  expect(isAtLeast(version, minimum)).toBe(true);
});

test.each([
  ['3.9.18', '3.10'],
  ['1.8.0_392', '17'],
  ['1.6', '1.6.1'],
  ['1.4-1', '1.4-2'],
  ['', '1'],
])('%s is older than %s', (version, minimum) => {
  expect(isAtLeast(version, minimum)).toBe(false);
});
