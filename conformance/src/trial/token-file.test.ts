import { expect, test } from 'vitest';
import { tokenFileEntries } from './token-file.ts';

const KEY = 'https%3A%2F%2Fid.example app authorization_code ann ';
const ENTRY = { access_token: 'a', token_type: 'Bearer', issued_at: 1_760_000_000.25 };

function file(entry: object, more: object = {}): string {
  return JSON.stringify({
    format: 'polyglot-tokens',
    version: 1,
    tokens: { [KEY]: entry },
    ...more,
  });
}

test('an entry with what is required, and with members that nobody knows', () => {
  expect(tokenFileEntries(file({ ...ENTRY, mine: 1 }))).toEqual([{ ...ENTRY, mine: 1 }]);
});

test.each([
  ['', 'no JSON'],
  ['{"tokens":', 'no JSON'],
  [file(ENTRY, { version: 2 }), 'version: invalid_value'],
  [file(ENTRY, { format: 'json' }), 'format: invalid_value'],
  [file({ ...ENTRY, access_token: '' }), 'tokens.access_token: too_small'],
  [file({ ...ENTRY, token_type: 'bearer' }), 'tokens.token_type: invalid_value'],
  [file({ ...ENTRY, issued_at: '1760000000' }), 'tokens.issued_at: invalid_type'],
  [file({ ...ENTRY, expires_at: null }), 'tokens.expires_at: invalid_type'],
  [file({ ...ENTRY, refresh_token: '' }), 'tokens.refresh_token: too_small'],
])('%s is none: %s', (text, why) => {
  expect(tokenFileEntries(text)).toBe(why);
});

test('what is wrong names nobody', () => {
  expect(tokenFileEntries(file({}))).not.toContain('ann');
});
