import { describe, expect, test } from 'vitest';
import type { Verdict } from '../verdict/verdict.ts';
import { buildReport } from './build.ts';
import { settle } from './expected-failures.ts';
import { exitCode } from './exit-code.ts';
import { failureBlock, failures } from './failure.ts';
import { matrix } from './matrix.ts';
import { report as schema } from './model.ts';

const requirement = {
  id: 'refresh.form',
  rule: 'A rule.',
  sources: ['RFC 6749, section 6'],
  level: 'MUST',
  tier: 'core',
  cases: {},
} as const;

function reportOf(verdicts: readonly Verdict[], broken?: string) {
  return buildReport({
    startedAt: new Date(0),
    durationMs: 1,
    server: { version: '26.7.5', way: 'distribution', preparedMs: 0, readyMs: 1 },
    implementations: [
      {
        name: 'python',
        language: 'Python',
        runtime: 'Python 3',
        capabilities: [],
        ...(broken && { broken }),
      },
    ],
    requirements: [requirement],
    trials: verdicts.map((verdict, index) => ({
      implementation: 'python',
      requirement: 'refresh.form',
      case: `refresh.form/${index}`,
      verdict,
      reason: { expected: 'this', seen: 'that' },
      trace: { wire: ['> POST /token'], stderr: 'a word' },
      duration_ms: 1,
    })),
  });
}

test('a report fits its own schema', () => {
  expect(() => schema.parse(JSON.parse(JSON.stringify(reportOf(['pass', 'fail']))))).not.toThrow();
});

describe('exitCode()', () => {
  test.each<[Verdict[], number]>([
    [['pass'], 0],
    [['pass', 'warn', 'expected-fail', 'not-implemented'], 0],
    [['pass', 'fail'], 1],
    [['pass', 'not-reached'], 1],
    [['pass', 'contradiction'], 1],
    [['pass', 'harness-error'], 2],
    [['not-implemented'], 1],
    [[], 1],
  ])('of %j is %i', (verdicts, code) => {
    expect(exitCode(reportOf(verdicts))).toBe(code);
  });

  test('is 2 when an adapter does not work, whatever its trials say', () => {
    expect(exitCode(reportOf(['pass'], 'it died'))).toBe(2);
  });
});

test('a failure block needs no second run', () => {
  const report = reportOf(['pass', 'fail']);
  const [failed, ...more] = failures(report);
  expect(more).toEqual([]);
  const block = failureBlock(failed!, report);
  for (const part of [
    'A rule.',
    'RFC 6749',
    'this',
    'that',
    '> POST /token',
    'a word',
    "--implementation python --requirement 'refresh.form/1'",
  ]) {
    expect(block).toContain(part);
  }
});

test('the matrix shows the worst verdict of a requirement', () => {
  expect(matrix(reportOf(['pass', 'fail', 'pass']))).toMatch(/refresh\.form.*✗/);
  expect(matrix(reportOf(['pass', 'pass']))).toMatch(/refresh\.form.*✓/);
});

describe('settle()', () => {
  const planned = { id: 'refresh.form/a', requirement } as never;
  const known = [
    { id: 'refresh.form', reason: 'known', link: 'https://example.org/1', until: '2026-12-01' },
  ];
  test.each<[Verdict, string, Verdict]>([
    ['fail', '2026-11-01', 'expected-fail'],
    ['pass', '2026-11-01', 'fail'],
    ['fail', '2026-12-01', 'fail'],
    ['harness-error', '2026-11-01', 'harness-error'],
  ])('makes of %s on %s %s', (verdict, today, expected) => {
    expect(settle({ verdict }, planned, known, today).verdict).toBe(expected);
  });
});
