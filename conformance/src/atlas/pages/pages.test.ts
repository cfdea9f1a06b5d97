import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { stalePages, writePages } from '../files.ts';
import { type Finding, finding, type Play } from '../finding.ts';
import type { Observed } from '../observe.ts';
import type { Provocation } from '../provocation.ts';
import { render } from './index.ts';
import { anchor, code } from './markdown.ts';

const provocation: Provocation = {
  title: 'The secret is wrong',
  cause: 'It is another one.',
  change: { advice: 'Copy it again.', at: { keycloak: 'Credentials' } },
  notAt: { 'django-oidc-provider': 'it is busy' },
  how: { by: 'clients', wrong: () => ({ client: { id: 'x' } }) },
};

function play(client: string, word: string): Play {
  return {
    client,
    page: word,
    request: 'POST /token',
    answer: {
      status: 401,
      headers: [['Content-Type', 'application/json']],
      body: `{"error":"${word}"}`,
    },
    outcome: {
      outcome: 'error',
      error: {
        class: 'invalid_client',
        oauth_error: word,
        http_status: 401,
        message: `${client} says no`,
      },
    },
    changed: [{ name: 'client_secret', wrong: 'not-it', right: 'CLIENT_SECRET' }],
  };
}

function observed(word: string): Observed {
  const findings: Finding[] = [
    finding(provocation, 'keycloak', [play('TypeScript', word), play('R', word)]),
    finding(provocation, 'django-oauth-toolkit', [
      { client: 'R', changed: [], outcome: { outcome: 'ok' } },
    ]),
    finding(provocation, 'django-oidc-provider', []),
  ];
  const all = (text: string) => ({
    keycloak: text,
    'django-oauth-toolkit': text,
    'django-oidc-provider': text,
  });
  return { findings, versions: all('1.0'), properties: [{ name: 'a habit', cells: all('200') }] };
}

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'atlas-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a page begins with the literal answer, and has cause, line, reports and the other servers', async () => {
  const text = (await render(observed('invalid_client'))).get('errors/invalid_client.md') ?? '';
  const order = [
    '{"error":"invalid_client"}',
    '**Cause.**',
    'process.env',
    '**What the clients',
    '**Other servers**',
  ];
  const positions = order.map((part) => text.indexOf(part));
  expect(positions.every((position) => position >= 0)).toBe(true);
  expect(positions).toEqual(positions.toSorted((a, b) => a - b));
  expect(text).toContain('django-oidc-provider: not tried, it is busy');
  expect(text).toContain('Django OAuth Toolkit: does not mind');
  expect(text).toMatch(/\| Keycloak +\| all +\| `invalid_client`/);
});

test('pages as they were written are not stale, twice the same', async () => {
  await writePages(folder, await render(observed('invalid_client')));
  expect(await stalePages(folder, await render(observed('invalid_client')))).toEqual([]);
});

test('a changed answer makes its page stale, and says how', async () => {
  await writePages(folder, await render(observed('invalid_client')));
  const changed = observed('invalid_client');
  const [first, ...others] = changed.findings;
  const plays = first!.plays.map((one) => ({ ...one, answer: { ...one.answer!, status: 400 } }));
  const stale = await stalePages(
    folder,
    await render({ ...changed, findings: [{ ...first!, plays }, ...others] }),
  );
  expect(stale.map(({ path }) => path)).toEqual(['errors/invalid_client.md', 'errors/README.md']);
  expect(stale[0]?.difference).toBe('- HTTP/1.1 401 Unauthorized\n+ HTTP/1.1 400 Bad Request');
});

test('another word moves the page, and the old one goes', async () => {
  await writePages(folder, await render(observed('invalid_client')));
  const pages = await render(observed('unauthorized_client'));
  const stale = await stalePages(folder, pages);
  expect(stale.map(({ path }) => path)).toContain('errors/invalid_client.md');
  await writePages(folder, pages);
  await expect(readFile(join(folder, 'errors/invalid_client.md'))).rejects.toThrow('ENOENT');
  expect(await stalePages(folder, pages)).toEqual([]);
});

test('a changed property makes servers.md stale; so does an edit by hand', async () => {
  const pages = await render(observed('invalid_client'));
  await writePages(folder, pages);
  await writeFile(join(folder, 'servers.md'), `${pages.get('servers.md')}by hand\n`);
  expect(await stalePages(folder, pages)).toEqual([
    { path: 'servers.md', difference: '- by hand' },
  ]);
});

test('a wider cell is one difference, and not one in each row', async () => {
  await writePages(folder, await render(observed('invalid_client')));
  const changed = observed('invalid_client');
  const properties = changed.properties.map((row) => ({
    ...row,
    cells: { ...row.cells, keycloak: 'x'.repeat(80) },
  }));
  const [stale] = await stalePages(folder, await render({ ...changed, properties }));
  expect(stale?.difference.split('\n')).toHaveLength(2);
});

test('servers that answer the clients differently are an error', () => {
  expect(() =>
    finding(provocation, 'keycloak', [
      play('R', 'invalid_client'),
      play('Python', 'invalid_grant'),
    ]),
  ).toThrow('R invalid_client, Python invalid_grant');
});

test('code holds backticks, and headings are found as GitHub names them', () => {
  expect(code('a `b`')).toBe('`` a `b` ``');
  expect(anchor('prompt=none, and nobody’s there')).toBe('promptnone-and-nobodys-there');
});
