import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { Verdict } from '../verdict/verdict.ts';
import { buildReport } from './build.ts';
import { settle } from './expected-failures.ts';
import { exitCode } from './exit-code.ts';
import { failureBlock, failures } from './failure.ts';
import { handOverMatrix } from './hand-over.ts';
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
    servers: [
      { name: 'keycloak', version: '26.7.5', way: 'distribution', prepared_ms: 0, ready_ms: 1 },
    ],
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
      server: 'keycloak',
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

const OPTIONS = {
  adapter: undefined,
  browser: false,
  servers: { names: [], keycloak: undefined },
};

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
  const block = failureBlock(failed!.trial, report, OPTIONS);
  for (const part of [
    'A rule.',
    'RFC 6749',
    'this',
    'that',
    '> POST /token',
    'a word',
    'pnpm conformance --implementation python --requirement refresh.form/1',
  ]) {
    expect(block).toContain(part);
  }
});

test.each([
  [{ adapter: 'node my client.ts' }, "--adapter 'node my client.ts' --requirement refresh.form/0"],
  [{ browser: true }, '--requirement refresh.form/0 --browser'],
  [
    { servers: { names: [], keycloak: new URL('http://127.0.0.1:8080') } },
    '--server http://127.0.0.1:8080/',
  ],
])('its command says what the run said: %j', (options, words) => {
  const report = reportOf(['fail']);
  expect(failureBlock(report.trials[0]!, report, { ...OPTIONS, ...options })).toContain(words);
});

test('its command names both clients of a hand-over', () => {
  const report = reportOf(['fail']);
  const trial = { ...report.trials[0]!, case: 'refresh.hand-over/to-r' };
  expect(failureBlock(trial, report, OPTIONS)).toContain('--implementation python,r ');
});

test('an adapter that does not work is told once', () => {
  const report = reportOf(['fail', 'fail', 'fail', 'fail'], 'that');
  const [sent, ...silent] = report.trials;
  // What was sent before it died is worth seeing.
  const trials = [sent!, ...silent.map((trial) => ({ ...trial, trace: { wire: [], stderr: '' } }))];
  expect(failures({ ...report, trials })).toMatchObject([
    { trial: { case: 'refresh.form/0' }, alike: [] },
    { trial: { case: 'refresh.form/1' }, alike: ['refresh.form/2', 'refresh.form/3'] },
  ]);
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

  test.each([
    ['MUST', 'fail'],
    ['SHOULD', 'warn'],
  ])('a %s that is broken is a %s', (level, expected) => {
    const broken = { id: 'refresh.form/a', requirement: { ...requirement, level } } as never;
    expect(settle({ verdict: 'fail' }, broken, []).verdict).toBe(expected);
  });
});

test('the hand-over matrix has a row for the first client and a column for the second', () => {
  const pair = (implementation: string, second: string, verdict: Verdict) => ({
    implementation,
    requirement: 'refresh.hand-over',
    case: `refresh.hand-over/to-${second}`,
    server: 'keycloak' as const,
    verdict,
    duration_ms: 1,
  });
  const trials = [pair('python', 'r', 'pass'), pair('r', 'python', 'fail')];
  const text = stripVTControlCharacters(handOverMatrix({ ...reportOf([]), trials }));
  expect(text.split('\n').slice(1)).toEqual([
    '        python  r',
    'python          ✓',
    'r       ✗',
  ]);
  expect(handOverMatrix(reportOf(['pass']))).toBe('');
});
