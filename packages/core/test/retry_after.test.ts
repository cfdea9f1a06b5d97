import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { retryAfterSeconds } from '../src/retry_after.ts';

const NOW = new Date('2026-11-20T12:00:00.000Z');

describe('retryAfterSeconds()', () => {
  test.each([
    ['0', 0],
    ['-0', 0],
    ['7', 7],
    [' 7 ', 7],
    ['-5', 0],
    ['3600', 3600],
    ['3601', 3600],
    ['9'.repeat(400), 3600],
    ['Fri, 20 Nov 2026 12:00:30 GMT', 30],
    ['Friday, 20-Nov-26 12:00:30 GMT', 30],
    ['Fri Nov 20 12:00:30 2026', 30],
    ['Sun Nov  1 12:00:30 2026', 0],
    ['Fri, 20 Nov 2026 11:59:59 GMT', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', 0],
    // 80 is more than 50 years ahead of 2026, so it is 1980.
    ['Sunday, 06-Nov-80 08:49:37 GMT', 0],
    ['Sat, 21 Nov 2026 12:00:00 GMT', 3600],
    ['Fri, 31 Dec 9999 23:59:60 GMT', 3600],
  ])('reads %j as %j seconds', (value, expected) => {
    expect(retryAfterSeconds(value, NOW)).toBe(expected);
  });

  test.each([
    null,
    '',
    ' ',
    'soon',
    '1.5',
    '+5',
    '1e3',
    '0x10',
    '5, 10',
    '5 s',
    'Infinity',
    'NaN',
    '2026-11-20T12:00:30Z',
    'Fri, 20 Nov 2026 12:00:30',
    'Fri, 20 Nov 2026 12:00:30 CET',
    'Fri, 20 Foo 2026 12:00:30 GMT',
    'Mon, 31 Feb 2026 12:00:30 GMT',
    'Fri, 20 Nov 2026 24:00:30 GMT',
    'Fri, 00 Nov 2026 12:00:30 GMT',
    'fri, 20 nov 2026 12:00:30 gmt',
  ])('takes %j as if the header were missing', (value) => {
    expect(retryAfterSeconds(value, NOW)).toBeUndefined();
  });

  test('any count of seconds is held within 0 and an hour', () => {
    fc.assert(
      fc.property(fc.bigInt(), (count) => {
        const expected = count < 0n ? 0 : count > 3600n ? 3600 : Number(count);
        expect(retryAfterSeconds(String(count), NOW)).toBe(expected);
      }),
    );
  });

  test('any date is as many seconds away as it is, whatever the millisecond', () => {
    const nearby = fc.integer({ min: -10_000_000, max: 10_000_000 });
    fc.assert(
      fc.property(nearby, fc.integer({ min: 0, max: 999 }), (offset, ms) => {
        const now = new Date(NOW.getTime() + ms);
        const date = new Date(NOW.getTime() + offset);
        date.setUTCMilliseconds(0);
        const wait = retryAfterSeconds(date.toUTCString(), now) ?? Number.NaN;
        expect(wait).toBe(
          Math.min(3600, Math.max(0, Math.ceil((date.getTime() - now.getTime()) / 1000))),
        );
      }),
    );
  });

  test('nothing makes it throw or leave its bounds', () => {
    const pieces = fc.constantFrom(...'Fri, 20 Nov 2026 12:00:30 GMT-0.9:'.split(''), 'Nov', ' ');
    const texts = fc.oneof(
      fc.string(),
      fc.array(pieces).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const wait = retryAfterSeconds(text, NOW);
        if (wait === undefined) return;
        expect(Number.isInteger(wait) && wait >= 0 && wait <= 3600).toBe(true);
      }),
    );
  });
});
