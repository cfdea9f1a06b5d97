import { SERVER_NAMES, TITLES } from '../../servers/server.ts';
import type { Finding } from '../finding.ts';
import { code, page, table } from './markdown.ts';
import { described, meaningOf, titleOf } from './words.ts';

/** Error by server: with which status it comes, and where to read on. */
export function indexPage(findings: readonly Finding[], generated: string): Promise<string> {
  return page([
    '# Errors, and what to change',
    'What Keycloak, Django OAuth Toolkit and django-oidc-provider really answer when something is wrong, what the clients of this repository make of it, and the line to change. ',
    table(
      ['', ...SERVER_NAMES.map((server) => TITLES[server]), 'meaning'],
      pagesOf(findings).map((name) => [
        `[${titleOf(name)}](${name}.md)`,
        ...SERVER_NAMES.map((server) => statuses(name, findings, server)),
        meaningOf(name),
      ]),
    ),
    '## Look up a text',
    table(['text', 'error'], texts(findings)),
    '## How to read the pages',
    'Numbers are HTTP statuses; "client" means that a client says so by itself, without a request.',
    'In all answers, `<server>`, `<api>` and `<client>` stand for origins, `AT1`, `RT1`, `CODE1` and other words in capitals for what is new in every run or secret.',
    'Where the three servers differ when nothing is wrong: [servers.md](../servers.md). What the classes of errors mean: [client.md](../client.md#errors).',
    generated,
  ]);
}

/** In the order of the alphabet, those without a word of OAuth last. */
export function pagesOf(findings: readonly Finding[]): string[] {
  const pages = [...new Set(findings.flatMap((finding) => finding.page ?? []))].toSorted();
  const bare = (name: string) => /^(?:http_|error_page)/.test(name);
  return [...pages.filter((name) => !bare(name)), ...pages.filter(bare)];
}

function statuses(name: string, findings: readonly Finding[], server: Finding['server']): string {
  const here = findings.filter((finding) => finding.page === name && finding.server === server);
  const found = here.map(({ plays }) => plays[0]?.answer?.status);
  const numbers = [...new Set(found.filter((status) => status !== undefined))].toSorted(
    (a, b) => a - b,
  );
  const words = [...numbers.map(String), ...(found.includes(undefined) ? ['client'] : [])];
  return words.map(code).join(' ') || '–';
}

/** Every description that a server gave, and the pages on which it stands. */
function texts(findings: readonly Finding[]): string[][] {
  const said = findings.flatMap((finding) => {
    const text = described(finding);
    return text === undefined || finding.page === undefined ? [] : [{ text, page: finding.page }];
  });
  return [...Map.groupBy(said, ({ text }) => text)]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([text, same]) => [
      code(text),
      [...new Set(same.map(({ page: name }) => `[${titleOf(name)}](${name}.md)`))].join(' '),
    ]);
}
