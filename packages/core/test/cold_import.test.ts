import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const PROGRAM = `
import { registerHooks } from 'node:module';
const before = new Set(process.moduleLoadList);
const resolved = [];
registerHooks({
  resolve(specifier, context, next) {
    const result = next(specifier, context);
    resolved.push(result.url);
    return result;
  },
});
await import(process.env.ENTRY);
const builtin = process.moduleLoadList.filter((name) => !before.has(name));
console.log(JSON.stringify({ resolved, builtin }));
`;

interface Loaded {
  /** The addresses of all that was imported. */
  readonly resolved: readonly string[];
  /** What Node itself loaded besides. */
  readonly builtin: readonly string[];
}

function loadedBy(entry: string): Loaded {
  const ENTRY = new URL(`../src/${entry}`, import.meta.url).href;
  const words = ['--input-type=module', '-e', PROGRAM];
  const output = execFileSync(process.execPath, words, { env: { ...process.env, ENTRY } });
  return JSON.parse(String(output)) as Loaded;
}

/** Each of them takes some milliseconds, and most programs need none of them before their first request. */
const DEAR = `child_process crypto dgram fs/promises http http2 https inspector net os sqlite stream
  timers/promises tls util worker_threads`.split(/\s+/);

test.each(['index.ts', 'undici.ts'])('the import of %s loads nothing dear', (entry) => {
  const { resolved, builtin } = loadedBy(entry);
  expect(resolved.length).toBeGreaterThan(5);
  expect(resolved.filter((url) => url.includes('/node_modules/'))).toEqual([]);
  const dear = new Set(DEAR.flatMap((name) => [`NativeModule ${name}`, `node:${name}`]));
  expect([...resolved, ...builtin].filter((name) => dear.has(name))).toEqual([]);
  expect(builtin.filter((name) => name.includes('undici'))).toEqual([]);
});

test('the interceptor comes only to those who import it', () => {
  const { resolved } = loadedBy('index.ts');
  expect(resolved.filter((url) => url.includes('/undici'))).toEqual([]);
});
