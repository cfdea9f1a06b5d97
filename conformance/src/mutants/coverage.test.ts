import { expect, test } from 'vitest';
import { changedSpan, isRun } from './coverage.ts';

const SOURCE = 'function a(x) {\n  if (x) {\n    yes();\n  }\n  no();\n}\n';
const at = (text: string) => SOURCE.indexOf(text);
const span = (find: string, replace: string) =>
  changedSpan('file:///a.ts', SOURCE, { file: 'a.ts', find, replace });

const ranges = [
  { startOffset: 0, endOffset: SOURCE.length, count: 1 },
  { startOffset: 0, endOffset: SOURCE.length - 1, count: 1 },
  { startOffset: at('{\n    yes'), endOffset: at('  no()'), count: 0 },
];

test('what differs is the span, with a character on each side', () => {
  expect(span('yes();', 'yes(1);')).toEqual({ url: 'file:///a.ts', start: at('();'), text: '()' });
  expect(span('if (x)', 'if (!x)').text).toBe('(x');
});

test('a change in a block that was not run is out of reach', () => {
  expect(isRun(span('yes();', 'maybe();'), ranges)).toBe(false);
  expect(isRun(span('    yes();\n', ''), ranges)).toBe(false);
});

test('a change in what was run, around it, or over its edge is in reach', () => {
  expect(isRun(span('no();', 'maybe();'), ranges)).toBe(true);
  expect(isRun(span('if (x)', 'if (!x)'), ranges)).toBe(true);
  expect(isRun(span('yes();\n  }\n  no()', 'x'), ranges)).toBe(true);
});

test('a file that was never loaded is out of reach', () => {
  expect(isRun(span('no();', 'maybe();'), undefined)).toBe(false);
});
