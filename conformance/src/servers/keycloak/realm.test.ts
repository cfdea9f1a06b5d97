import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { CannotRun } from '../../cannot-run.ts';
import { importFiles, readRealm } from './realm.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'realm-'))));
afterEach(() => rm(folder, { recursive: true }));

test('every secret and password can be found by a scan: long, and like no other', async () => {
  const realm = await readRealm();
  const passwords = realm.users.flatMap((user) => user.credentials.map(({ value }) => value));
  const secrets = [...realm.clients.flatMap(({ secret }) => secret ?? []), ...passwords];
  expect(new Set(secrets).size).toBe(secrets.length);
  expect(Math.min(...secrets.map((secret) => secret.length))).toBeGreaterThanOrEqual(20);
});

test('the other realms differ from the first by name, and one by rotation', async () => {
  const files = importFiles(await readRealm());
  const [realm, rotating, newKeys] = Object.values(files).map((text) =>
    z.looseObject({}).parse(JSON.parse(text)),
  );
  expect(rotating).toEqual({
    ...realm,
    realm: 'korusticket-rotating',
    revokeRefreshToken: true,
    refreshTokenMaxReuse: 0,
  });
  expect(newKeys).toEqual({ ...realm, realm: 'korusticket-new-keys' });
});

test.each([
  ['{\n  "realm": "korusticket"\n  "clients": []\n}', /realm\.json:3:3 is not JSON/],
  ['{"realm":"other","clients":[]}', /expected "korusticket"/],
])('a file that is no realm is named, with what is wrong: %j', async (text, said) => {
  const file = join(folder, 'realm.json');
  await writeFile(file, text);
  const trouble = await readRealm(file).catch((error: unknown) => error);
  expect(trouble).toBeInstanceOf(CannotRun);
  expect(String(trouble)).toMatch(said);
});
