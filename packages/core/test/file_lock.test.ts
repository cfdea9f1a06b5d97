import {
  chmodSync,
  existsSync,
  linkSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { removeDead, takeLock } from '../src/store/file_lock.ts';
import { ownText } from '../src/store/lock_holder.ts';
import { ended, firstLine, killed, newFolder, start } from './fixtures/children.ts';

const onLinux = test.skipIf(process.platform !== 'linux');
const DEAD = '2147483646 5 00000000dead0000';

function paths() {
  const folder = newFolder();
  const file = join(folder, 'tokens.json');
  return { folder, file, lock: `${file}.lock` };
}

/** A file with the lock text of this process, as one that waits has. */
async function waiter(lock: string) {
  const mine = `${lock}.${process.pid}-00000000aaaa0000`;
  writeFileSync(mine, await ownText('00000000aaaa0000'));
  return mine;
}

describe('taking and releasing', () => {
  test('leaves one file of mode 0600 while it is held, and none afterwards', async () => {
    const { folder, file, lock } = paths();
    const taken = await takeLock(file);
    expect(readdirSync(folder)).toEqual(['tokens.json.lock']);
    expect(statSync(lock).mode & 0o777).toBe(0o600);
    expect(readFileSync(lock, 'utf8')).toMatch(new RegExp(`^${process.pid} \\d+ [0-9a-f]{16}$`));
    expect(await taken.held()).toBe(true);
    await taken.release();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("does not release somebody else's", async () => {
    const { file, lock } = paths();
    const taken = await takeLock(file);
    writeFileSync(lock, '1 0 0000000000000000');
    expect(await taken.held()).toBe(false);
    await taken.release();
    expect(readFileSync(lock, 'utf8')).toBe('1 0 0000000000000000');
  });

  test('a lock that is old is not broken for that: gives up at the limit and names the holder (teams-mcp#103)', async () => {
    const { folder, file } = paths();
    const holder = start('lock_holder.ts', file);
    expect(await firstLine(holder)).toBe('held');
    const before = performance.now();
    await expect(takeLock(file, { limitMs: 100 })).rejects.toMatchObject({
      class: 'timeout',
      delivery: 'not_sent',
      message: `the lock of ${file} is held by process ${holder.pid} (for more than 0.1 s)`,
    });
    expect(performance.now() - before).toBeGreaterThanOrEqual(100);
    expect(readdirSync(folder)).toEqual(['tokens.json.lock']);
  });

  test('waits until the holder is killed', async () => {
    const { file } = paths();
    const holder = start('lock_holder.ts', file);
    await firstLine(holder);
    const taken = takeLock(file, { limitMs: 20_000 });
    await killed(holder);
    expect(await (await taken).held()).toBe(true);
  });

  test.skipIf(process.platform === 'win32')("takes somebody else's process for alive", async () => {
    const { folder, file, lock } = paths();
    chmodSync(folder, 0o777);
    writeFileSync(lock, '1 0 0000000000000000', { mode: 0o644 });
    const stranger = start('without_rights.ts', 'lock', file, '50');
    expect(await firstLine(stranger)).toContain('held by process 1 ');
  });
});

describe('stale locks', () => {
  test.each([
    ['of a dead process', DEAD],
    ['without a text', ''],
  ])('%s are broken', async (_, text) => {
    const { folder, file, lock } = paths();
    writeFileSync(lock, text);
    const taken = await takeLock(file, { limitMs: 1000 });
    expect(await taken.held()).toBe(true);
    expect(readdirSync(folder)).toEqual(['tokens.json.lock']);
  });

  onLinux('of a process whose pid is used again are broken', async () => {
    const { file, lock } = paths();
    const [pid, started] = (await ownText('x')).split(' ');
    writeFileSync(lock, `${pid} ${Number(started) - 1} 0000000000000000`);
    const taken = await takeLock(file, { limitMs: 1000 });
    expect(await taken.held()).toBe(true);
  });

  test('who comes too late to break one leaves the new lock alone', async () => {
    const { file, lock } = paths();
    const mine = await waiter(lock);
    const taken = await takeLock(file);
    expect(await removeDead(lock, DEAD, mine)).toBe(true);
    expect(await taken.held()).toBe(true);
  });

  test('are not broken by a second one while a first is about it', async () => {
    const { folder, file, lock } = paths();
    const mine = await waiter(lock);
    writeFileSync(lock, DEAD);
    linkSync(mine, `${lock}.break-00000000dead0000`);
    await expect(takeLock(file, { limitMs: 50 })).rejects.toMatchObject({ class: 'timeout' });
    expect(readdirSync(folder)).toHaveLength(3);
  });

  test('are broken although those who were about it died, one after the other', async () => {
    const { folder, file, lock } = paths();
    writeFileSync(lock, DEAD);
    writeFileSync(`${lock}.break-00000000dead0000`, '2147483646 5 00000000dead0001');
    writeFileSync(`${lock}.break-00000000dead0000.break-00000000dead0001`, '');
    const taken = await takeLock(file, { limitMs: 1000 });
    expect(await taken.held()).toBe(true);
    expect(readdirSync(folder)).toEqual(['tokens.json.lock']);
  });
});

test('holders that die with the lock: every step of 6 x 4 processes counts', async () => {
  const { folder, lock } = paths();
  writeFileSync(join(folder, 'number'), '0');
  for (let round = 0; round < 4; round++) {
    const children = [1, 2, 3, 4, 5, 6].map((times) =>
      start('lock_counter.ts', folder, String(times * 4)),
    );
    expect(await Promise.all(children.map(ended))).toEqual(Array(6).fill('SIGKILL'));
  }
  expect(statSync(join(folder, 'log')).size).toBe(4 * 4 * (1 + 2 + 3 + 4 + 5 + 6));
  expect(readFileSync(join(folder, 'number'), 'utf8')).toBe('336');
  expect(existsSync(lock)).toBe(true);
}, 60_000);
