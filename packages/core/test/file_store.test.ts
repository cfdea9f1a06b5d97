import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ConfigError } from '../src/error_classes.ts';
import { FileStore } from '../src/store/file_store.ts';
import type { StoredTokens } from '../src/store/token_store.ts';
import { ended, firstLine, killed, newFolder, run, start } from './fixtures/children.ts';

const A: StoredTokens = { access_token: 'secret-a', token_type: 'Bearer', issued_at: 1.5 };
const B: StoredTokens = { ...A, access_token: 'secret-b', refresh_token: 'secret-r' };

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const textOf = (tokens: unknown, more: object = {}) =>
  JSON.stringify({ format: 'polyglot-tokens', version: 1, tokens, ...more });

/** A store in a folder of its own, with what it warned of. */
function open(text?: string, options: { file?: string; lockLimitMs?: number } = {}) {
  const { file = join(newFolder(), 'tokens.json'), ...rest } = options;
  if (text !== undefined) writeFileSync(file, text, { mode: 0o600 });
  const warnings: string[] = [];
  const store = new FileStore(file, { ...rest, warn: (line) => warnings.push(line) });
  return { file, folder: join(file, '..'), store, warnings };
}

function put(store: FileStore, key: string, tokens: StoredTokens | undefined) {
  return store.lease(key, async () => store.save(key, tokens, (await store.load(key)).version));
}

describe('load() and save()', () => {
  test('bring back what was saved, in another store too', async () => {
    const { file, store, warnings } = open();
    expect(await store.load('k')).toEqual({ tokens: undefined, version: '' });
    const full: StoredTokens = {
      ...B,
      scope: 'a b',
      expires_at: 2.5,
      refresh_expires_at: 3,
      id_token: 'i',
      refresh_sent_at: 4,
    };
    const version = await put(store, 'k', full);
    expect(await store.load('k')).toEqual({ tokens: full, version });
    expect(await new FileStore(file).load('k')).toEqual({ tokens: full, version });
    expect(warnings).toEqual([]);
  });

  test('keep several keys apart, and remove one alone', async () => {
    const { store } = open();
    await put(store, 'k', A);
    await put(store, 'l', B);
    expect(await put(store, 'k', undefined)).toBe('');
    expect(await store.load('k')).toEqual({ tokens: undefined, version: '' });
    expect((await store.load('l')).tokens).toEqual(B);
  });

  test('nothing is saved over what somebody else saved meanwhile', async () => {
    const { file, store } = open();
    const old = await put(store, 'k', A);
    await put(new FileStore(file), 'k', B);
    const save = (version: string) => store.lease('k', () => store.save('k', A, version));
    expect([await save(old ?? ''), await save('')]).toEqual([undefined, undefined]);
    expect((await store.load('k')).tokens).toEqual(B);
  });

  test('two keys that are saved at once do not undo each other', async () => {
    const { store } = open();
    await store.lease('k', () => Promise.all([store.save('k', A, ''), store.save('l', B, '')]));
    expect((await store.load('k')).tokens).toEqual(A);
    expect((await store.load('l')).tokens).toEqual(B);
  });

  test('members that are unknown here are kept', async () => {
    const { file, store } = open(textOf({ k: { ...B, note: [1] }, l: { odd: 1 } }, { x: 1 }));
    expect((await store.load('k')).tokens).toEqual(B);
    await put(store, 'k', A);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(
      JSON.parse(textOf({ l: { odd: 1 }, k: { ...A, note: [1] } }, { x: 1 })),
    );
  });

  test('saving outside of a lease, or what nobody could read, is refused', async () => {
    const { store, folder } = open();
    await expect(store.save('k', A, '')).rejects.toThrow('within a lease');
    await expect(put(store, 'k', { ...A, issued_at: NaN })).rejects.toThrow(TypeError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('modes', () => {
  test.each([0o000, 0o022, 0o277])(
    'are 0600 in 0700 under umask %o (r-lib/httr2#866, Azure/AzureAuth#19)',
    async (mask) => {
      const folder = newFolder();
      const file = join(folder, 'new', 'tokens.json');
      // A umask belongs to a whole process, so to one of its own here.
      const script = 'umask "$1"; shift; exec "$@"';
      const fixture = join(import.meta.dirname, 'fixtures', 'store_writer.ts');
      const command = ['sh', '-c', script, 'sh', mask.toString(8), process.execPath, fixture];
      expect(await ended(run([...command, file, '1']))).toBe(0);
      expect([modeOf(file), modeOf(join(folder, 'new'))]).toEqual(['600', '700']);
    },
  );

  test('an old file and its folder that are open to others are tightened, by reading alone', async () => {
    const { file, folder, store, warnings } = open(textOf({ k: A }));
    chmodSync(file, 0o644);
    chmodSync(folder, 0o755);
    expect((await store.load('k')).tokens).toEqual(A);
    await store.load('k');
    expect([modeOf(file), modeOf(folder)]).toEqual(['600', '700']);
    expect(warnings).toEqual([
      `the folder ${folder} was open to others (mode 0755); its mode is 0700 now`,
      `the token file ${file} was open to others (mode 0644); its mode is 0600 now`,
    ]);
  });

  test.each([
    ['with other things in it', 0o755, 'notes.txt'],
    ['with a folder in it', 0o755, 'folder/'],
    ['with the sticky bit', 0o1777, 'tokens.json.lock'],
  ])('a folder %s is left alone, with a warning', async (_, mode, other) => {
    const { folder, store, warnings } = open(textOf({}));
    if (other.endsWith('/')) mkdirSync(join(folder, other));
    else writeFileSync(join(folder, other), 'x');
    chmodSync(folder, mode);
    await store.load('k');
    expect(modeOf(folder)).toBe((mode & 0o777).toString(8));
    expect(warnings).toEqual([
      expect.stringContaining('keep the token file in a folder of its own'),
    ]);
  });

  test('the home folder is left alone', async () => {
    const { folder, store } = open(textOf({}));
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('HOME', folder);
    chmodSync(folder, 0o755);
    await store.load('k');
    expect(modeOf(folder)).toBe('755');
  });
});

describe('what is not a whole token file', () => {
  test.each([
    ['cut off', 'not JSON', textOf({ k: B }).slice(0, -9)],
    ['some text', 'not JSON', 'secret-x'],
    ['another shape', 'not a JSON object', '["secret-x"]'],
    ['too large', 'larger than 1 MiB', textOf({ k: B }, { x: 'x'.repeat(1 << 20) })],
  ])(
    '%s: counts as empty, is told once without its content, and is kept',
    async (_, reason, text) => {
      const { file, store, warnings } = open(text);
      expect(await store.load('k')).toEqual({ tokens: undefined, version: '' });
      await store.load('l');
      expect(warnings).toEqual([expect.stringContaining(`is damaged (${reason}`)]);
      expect(warnings.join()).not.toContain('secret');
      expect(readFileSync(file, 'utf8')).toBe(text);
      await put(store, 'k', A);
      expect((await store.load('k')).tokens).toEqual(A);
      expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(text);
      expect([modeOf(file), modeOf(`${file}.damaged`)]).toEqual(['600', '600']);
    },
  );

  test('a file without end is read to 1 MiB', async () => {
    const { file, store, warnings } = open('');
    truncateSync(file, 2 ** 40);
    expect((await store.load('k')).tokens).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('larger than 1 MiB')]);
  });

  test('a damaged entry counts as absent, is kept, and harms no other', async () => {
    const { file, store, warnings } = open(textOf({ k: { access_token: 'secret-a' }, l: B }));
    expect((await store.load('k')).tokens).toBeUndefined();
    expect(warnings).toEqual([expect.stringContaining('has a damaged entry')]);
    await put(store, 'k', A);
    expect((await store.load('l')).tokens).toEqual(B);
    expect(readFileSync(`${file}.damaged`, 'utf8')).toContain('secret-a');
  });

  test.each([
    ['another version', '{"format":"polyglot-tokens","version":2}', 'version 2'],
    ['another format', '{"format":"npm","version":1}', 'format "npm"'],
  ])('%s is a config_error that names it, and stays', async (_, text, found) => {
    const { file, folder, store } = open(text);
    await expect(store.load('k')).rejects.toThrow(found);
    await expect(put(store, 'k', A)).rejects.toMatchObject({ class: 'config_error' });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(readdirSync(folder)).toEqual(['tokens.json']);
  });

  test('a symbolic link is refused, also by save(), and its target stays', async () => {
    const { folder, store, file } = open();
    const target = join(folder, 'target');
    writeFileSync(target, textOf({ k: A }));
    symlinkSync(target, file);
    await expect(store.load('k')).rejects.toThrow('symbolic link');
    const save = store.lease('k', () => store.save('k', B, ''));
    await expect(save).rejects.toThrow('symbolic link');
    expect(readFileSync(target, 'utf8')).toBe(textOf({ k: A }));
  });

  test('a folder, and a pipe that nobody writes to, are refused', async () => {
    const { folder } = open();
    const pipe = join(folder, 'pipe');
    expect(await ended(run(['mkfifo', pipe]))).toBe(0);
    for (const path of [folder, pipe])
      await expect(open(undefined, { file: path }).store.load('k')).rejects.toThrow(
        'is not a file',
      );
    expect(() => new FileStore('')).toThrow(ConfigError);
  });

  test('nothing is written that would be too large to be read', async () => {
    const { store } = open();
    await put(store, 'k', A);
    const large = { ...B, id_token: 'x'.repeat(1 << 20) };
    await expect(put(store, 'l', large)).rejects.toThrow('larger than 1 MiB');
    expect((await store.load('k')).tokens).toEqual(A);
  });
});

describe('where nothing can be written', () => {
  const fixture = join(import.meta.dirname, 'fixtures', 'without_rights.ts');

  test('a folder without the right to write is a config_error', async () => {
    const { folder, file } = open();
    chmodSync(folder, 0o555);
    const text = await firstLine(start('without_rights.ts', 'save', file));
    expect(text).toBe(`ConfigError: cannot lock ${file}: EACCES: permission denied`);
  });

  test('a full disk is a config_error, and the old file stays', async () => {
    const { folder, file, store } = open();
    await put(store, 'k', A);
    const before = readFileSync(file, 'utf8');
    // No file may grow over one block of 512 bytes: enough for a lock, too little for the tokens.
    const script = 'trap "" XFSZ; ulimit -f 1; exec "$@"';
    const text = await firstLine(
      run(['sh', '-c', script, 'sh', process.execPath, fixture, 'fill', file]),
    );
    expect(text).toBe(`ConfigError: cannot write ${file}: EFBIG: file too large`);
    expect(readFileSync(file, 'utf8')).toBe(before);
    expect(readdirSync(folder)).toEqual(['tokens.json']);
  });
});

describe('leases', () => {
  test('exclude each other, give results and errors, and are released', async () => {
    const { file, folder, store } = open();
    const other = new FileStore(file);
    let inside = 0;
    const work = async () => {
      expect(++inside).toBe(1);
      await sleep(2);
      inside--;
      return 'done';
    };
    const fail = () => Promise.reject(new Error('no'));
    const results = await Promise.allSettled([
      store.lease('k', work),
      other.lease('l', work),
      store.lease('k', fail),
      other.lease('k', work),
    ]);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('1000 at once have one poller, and all get their turn', async () => {
    const { file, folder } = open();
    const holder = start('lock_holder.ts', file);
    await firstLine(holder);
    const store = new FileStore(file);
    const link = join(newFolder(), 'link');
    symlinkSync(folder, link);
    const other = new FileStore(join(link, 'tokens.json'));
    let turns = 0;
    const leases = Array.from({ length: 1000 }, async (_, index) =>
      (index % 2 ? store : other).lease('k', () => Promise.resolve(++turns)),
    );
    const pollers = () =>
      readdirSync(folder).filter((name) => name.startsWith('tokens.json.lock.')).length;
    // A busy machine may take a while to the first look.
    await vi.waitFor(() => expect(pollers()).toBe(1), { timeout: 10_000 });
    await sleep(300);
    expect(pollers()).toBe(1);
    await killed(holder);
    await Promise.all(leases);
    expect(turns).toBe(1000);
    expect(readdirSync(folder)).toEqual([]);
  }, 30_000);

  test('have a limit in their own process too', async () => {
    const { file, store } = open(undefined, { lockLimitMs: 50 });
    await store.lease('k', async () => {
      await expect(store.lease('l', () => Promise.resolve())).rejects.toMatchObject({
        class: 'timeout',
        message: `the lock of ${file} is held by process ${process.pid} (for more than 0.05 s)`,
      });
    });
    await store.lease('k', () => Promise.resolve());
  });

  test('are lost when somebody removes the lock: nothing is saved then', async () => {
    const { file, store } = open();
    await store.lease('k', async ({ signal }) => {
      writeFileSync(`${file}.lock`, '1 0 0000000000000000');
      expect(signal.aborted).toBe(false);
      expect(await store.save('k', A, '')).toBeUndefined();
      expect(signal.aborted).toBe(true);
    });
    expect(existsSync(file)).toBe(false);
  });

  test('tidy up what killed processes left, and nothing else', async () => {
    const { file, folder, store } = open(textOf({ k: A }));
    const lock = `${file}.lock`;
    const dead = '2147483646 5 00000000dead0000';
    writeFileSync(`${file}.tmp.5-0000000000000000`, 'half');
    writeFileSync(`${lock}.2147483646-00000000dead0000`, dead);
    writeFileSync(`${lock}.2147483646-00000000dead0001`, '');
    writeFileSync(`${lock}.break-00000000dead0000`, dead);
    const others = [`tokens.json.lock.${process.pid}-0000000000000000`, 'tokens.json2', 'x.tmp.5'];
    for (const name of others) writeFileSync(join(folder, name), '');
    await store.lease('k', () => Promise.resolve());
    expect(readdirSync(folder).toSorted()).toEqual(['tokens.json', ...others].toSorted());
  });
});

describe('several processes', () => {
  test('a reader never sees a part of what another process writes', async () => {
    const { file, store, warnings } = open();
    const writer = start('store_writer.ts', file, '50');
    const end = ended(writer);
    await firstLine(writer);
    const seen = new Set<number>();
    while (writer.exitCode === null) {
      const { tokens } = await store.load('k');
      expect(tokens?.access_token).toHaveLength(tokens?.issued_at ?? 0);
      seen.add(tokens?.issued_at ?? 0);
    }
    expect(await end).toBe(0);
    expect(seen.size).toBeGreaterThan(5);
    expect(warnings).toEqual([]);
  }, 30_000);

  test('8 that add 25 times each make 200', async () => {
    const { file, store } = open();
    const children = Array.from({ length: 8 }, () => start('store_counter.ts', file, '25'));
    expect(await Promise.all(children.map(ended))).toEqual(Array(8).fill(0));
    expect((await store.load('counter')).tokens?.issued_at).toBe(200);
  }, 60_000);

  test('20 writers that are killed at any moment leave a whole file and a lock that can be had (azuredatastudio#21467)', async () => {
    const { file, folder, store, warnings } = open();
    for (let round = 0; round < 20; round++) {
      const writer = start('store_writer.ts', file);
      await firstLine(writer);
      await sleep(Math.random() * 25);
      await killed(writer);
      const { tokens } = await store.load('k');
      expect(tokens?.access_token).toHaveLength(tokens?.issued_at ?? 0);
      const next = new FileStore(file, { lockLimitMs: 2000 });
      await put(next, 'mine', A);
      expect(readdirSync(folder)).toEqual(['tokens.json']);
    }
    expect(warnings).toEqual([]);
  }, 60_000);
});
