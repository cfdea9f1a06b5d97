import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isDead, parseHolder, type Sighting } from '../src/store/lock_holder.ts';
import { entryOf, readEntry, readTokenFile, withEntry } from '../src/store/token_file.ts';
import { type StoredTokens, storeKey } from '../src/store/token_store.ts';

type Tokens = Record<string, StoredTokens | null>;
interface Vectors {
  keys: {
    name: string;
    parts: { server: string; client_id: string; grant: string; user?: string; scope?: string };
    key: string;
  }[];
  files: {
    name: string;
    text?: string;
    base64?: string;
    outcome: string;
    tokens?: Tokens;
    damaged_entries?: string[];
  }[];
  saves: {
    name: string;
    before: string;
    key: string;
    tokens: StoredTokens | null;
    after: unknown;
  }[];
  locks: { name: string; text: string; process: Sighting; verdict: string }[];
}

const vectors = JSON.parse(
  readFileSync(new URL('vectors/token-file.json', import.meta.url), 'utf8'),
) as Vectors;

const wholeFile = (bytes: Uint8Array) => {
  const content = readTokenFile(bytes);
  if (content.kind !== 'whole') throw new Error(content.kind);
  return content.file;
};

test('there are vectors of every kind', () => {
  expect(Object.values(vectors).map(({ length }) => length)).toEqual([6, 36, 4, 21]);
});

describe('keys', () => {
  test.each(vectors.keys)('$name', ({ parts: { client_id: clientId, ...parts }, key }) => {
    expect(storeKey({ ...parts, clientId })).toBe(key);
  });
});

describe('files', () => {
  test.each(vectors.files)('$name', ({ text = '', base64, outcome, tokens = {}, ...rest }) => {
    const bytes = base64 === undefined ? Buffer.from(text) : Buffer.from(base64, 'base64');
    expect(readTokenFile(bytes).kind).toBe(outcome);
    if (outcome !== 'whole') return;
    const file = wholeFile(bytes);
    for (const [key, expected] of Object.entries(tokens)) {
      const entry = entryOf(file, key);
      expect(readEntry(entry) ?? null).toStrictEqual(expected);
      const damaged = entry !== undefined && readEntry(entry) === undefined;
      expect(damaged).toBe(rest.damaged_entries?.includes(key) ?? false);
    }
  });
});

describe('saves', () => {
  test.each(vectors.saves)('$name', ({ before, key, tokens, after }) => {
    const file = withEntry(wholeFile(Buffer.from(before)), key, tokens ?? undefined);
    expect(JSON.parse(JSON.stringify(file))).toStrictEqual(after);
  });
});

describe('locks', () => {
  test.each(vectors.locks)('$name', ({ text, process, verdict }) => {
    expect(isDead(parseHolder(text), process) ? 'dead' : 'alive').toBe(verdict);
  });
});
