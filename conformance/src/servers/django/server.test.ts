import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fetch } from 'undici';
import { CannotRun } from '../../cannot-run.ts';
import { type Prepared, prepareDjango } from './prepared.ts';
import { startServer } from './server.ts';

/** Answers everything with 200 until it is told to die. */
const MORTAL = `
import os, sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/die":
            print("ERROR the last words", file=sys.stderr, flush=True)
            os._exit(7)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()
server = HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
`;

let folder: string;
let prepared: Prepared;

beforeEach(async () => {
  prepared = await prepareDjango(() => undefined);
  folder = await mkdtemp(join(tmpdir(), 'django-server-'));
  vi.stubEnv('TMPDIR', folder);
}, 300_000);
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function program(text: string): Promise<string> {
  const file = join(folder, 'program.py');
  await writeFile(file, text);
  return file;
}

const homes = async (): Promise<string[]> =>
  (await readdir(folder)).filter((name) => name.startsWith('polyglot-tokens-django-'));

test.each([
  ['ends', 'import sys\nsys.exit("ERROR no such table")', /while starting \(exit code 1\)/],
  ['says something else', 'print("hello")\ninput()', /printed something else than its port/],
])(
  'a program that %s is told of with its log, and leaves nothing behind',
  async (_, text, what) => {
    const error: unknown = await startServer(prepared, await program(text)).catch(
      (e: unknown) => e,
    );
    expect(error).toBeInstanceOf(CannotRun);
    expect((error as CannotRun).message).toMatch(what);
    expect((error as CannotRun).message).toMatch(/log[^]*remove .*python-django/);
    expect(await homes()).toEqual([]);
  },
);

test('the log of a program that ends while starting is in the message', async () => {
  const text =
    'import sys\nprint("a line before", file=sys.stderr)\nsys.exit("ERROR no such table")';
  await expect(startServer(prepared, await program(text))).rejects.toThrow('ERROR no such table');
});

test('a program that ends later is told of by a promise, and leaves nothing behind', async () => {
  const server = await startServer(prepared, await program(MORTAL));
  await fetch(`${server.url}/die`).catch(() => undefined);
  const error = await server.ended;
  expect(error?.message).toMatch(
    /in the middle of the run \(exit code 7\)[^]*ERROR the last words/,
  );
  expect(await homes()).toEqual([]);
});

test('one that is stopped ends without a word', async () => {
  const server = await startServer(prepared, await program(MORTAL));
  const [home = ''] = await homes();
  const database = await stat(join(folder, home, 'database.sqlite3'));
  expect(database.mode & 0o777).toBe(0o600);
  await server.stop();
  expect(await server.ended).toBeUndefined();
  expect(await homes()).toEqual([]);
});
