// `pnpm documents [page]`: docs/source-documents.md as printed. Runs its command lines in their order against both Django servers, compares what comes with
// the answers beside them, and looks whether the rules and files that it names are there.
import { existsSync, globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotRun } from '../conformance/src/cannot-run.ts';
import { prepareRuntimes } from '../conformance/src/runtimes/index.ts';
import { DJANGO_CLIENTS } from '../conformance/src/servers/django/clients.ts';
import { type Django, startDjango } from '../conformance/src/servers/django/index.ts';
import { CLIENTS, type RealmClient, USERS } from '../conformance/src/trial/clients.ts';
import { exitWith } from './programs.ts';
import { type Page, readPage } from './source-documents/page.ts';
import { play, type Stage } from './source-documents/play.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const PAGE = resolve(process.argv[2] ?? `${ROOT}docs/source-documents.md`);
const NAME = relative(ROOT, PAGE);
const REQUIREMENTS = `${ROOT}conformance/requirements`;

const DOCUMENTS = ['000', '001', '002', '003', '004'];

type Settings = Readonly<Record<string, string>>;
const PERSON = USERS.zoe;
// The client whose id and secret no URL takes as they are.
const IN_URL = CLIENTS.reserved;

/** What the variables stand for in the section on each document. */
const SETTINGS: Readonly<Record<string, (url: string) => Settings>> = {
  '003': (url) => ({
    ENV: new URL(url).host,
    TOKEN_URL: `${url}/o/token/`,
    ...client(CLIENTS.password),
    PERSON: PERSON.username,
    PASSWORD: PERSON.password,
    CREDENTIALS_URL: `${url}/o/token/`.replace(
      '://',
      `://${encodeURIComponent(IN_URL.id)}:${encodeURIComponent(IN_URL.secret)}@`,
    ),
  }),
  '004': (url) => ({
    AUTHORIZE_URL: `${url}/authorize`,
    TOKEN_URL: `${url}/token/`,
    USERINFO_URL: `${url}/userinfo/`,
    ...client(DJANGO_CLIENTS.documented),
    REDIRECT_URI: 'http://example.org/',
  }),
};
const SECRETS = [
  ...[CLIENTS.password, IN_URL, DJANGO_CLIENTS.documented].map(({ secret }) => secret),
  PERSON.password,
];

function client({ id, secret }: RealmClient): Settings {
  return { CLIENT_ID: id, CLIENT_SECRET: secret };
}

async function main(): Promise<number> {
  const page = readPage(await readFile(PAGE, 'utf8'));
  const { checked, missing } = references(page);
  const flaws = [...page.flaws, ...gaps(page)];
  const played = await withDjango((stage) => playAll(page, stage));
  const failures = [
    ...flaws,
    ...missing,
    ...played.flatMap(({ line, flaws }) =>
      flaws.length > 0 ? [`${line}: ${flaws.join('\n    ')}`] : [],
    ),
  ];
  for (const failure of failures) console.error(`${NAME}:${failure}`);
  const all = flaws.length + checked + played.length;
  const passed = all - failures.length;
  console.log(
    `source documents: ${passed} of ${all} (${played.length} command lines, ${checked} references)`,
  );
  return passed === all ? 0 : 1;
}

async function withDjango<Result>(
  work: (stage: Omit<Stage, 'settings'>) => Promise<Result>,
): Promise<Result> {
  const progress = (line: string): void => console.error(line);
  const runtimes = await prepareRuntimes(
    [
      { needs: { runtime: 'python', packages: `${ROOT}scripts/tools/httpie.txt` } },
      { needs: { runtime: 'sh' } },
    ],
    progress,
  );
  const django = await startDjango(progress);
  try {
    const stage = { url: django.url, runtimes, secrets: SECRETS, person: PERSON };
    return await Promise.race([work(stage), death(django)]);
  } finally {
    await django.stop();
  }
}

async function death({ ended }: Django): Promise<never> {
  const error = await ended;
  if (error) throw error;
  return new Promise(() => undefined);
}

async function playAll(
  { sections }: Page,
  stage: Omit<Stage, 'settings'>,
): Promise<Awaited<ReturnType<typeof play>>> {
  const played = [];
  for (const section of sections.filter(({ commandLines }) => commandLines.length > 0)) {
    const settings = SETTINGS[section.title.slice(0, 3)];
    if (!settings)
      throw new CannotRun(
        `${NAME}: there are command lines below "${section.title}", which is none of ${Object.keys(SETTINGS).join(', ')}`,
      );
    played.push(...(await play(section, { ...stage, settings: settings(stage.url) })));
  }
  return played;
}

/** Documents that the page has forgotten. */
function gaps({ sections }: Page): string[] {
  return DOCUMENTS.flatMap((name) => {
    const section = sections.find(({ title }) => title.startsWith(`${name}:`));
    if (!section) return [`1: there is no section on document ${name}`];
    const isEmpty = name in SETTINGS && section.commandLines.length === 0;
    return isEmpty ? [`1: document ${name} has no command lines`] : [];
  });
}

/** Rules and files that the page names. */
function references({ links, words }: Page): { checked: number; missing: string[] } {
  const areas = globSync('*', { cwd: REQUIREMENTS });
  const rule = new RegExp(`^(?:${areas.join('|')})(?:\\.[a-z0-9_-]+)+$`);
  const named = [
    ...links.map(({ line, text }) => ({ line, text, file: resolve(dirname(PAGE), file(text)) })),
    ...words
      .filter(({ text }) => rule.test(text))
      .map(({ line, text }) => ({
        line,
        text,
        file: `${REQUIREMENTS}/${text.replaceAll('.', '/')}.ts`,
      })),
  ];
  const missing = named.filter((one) => !existsSync(one.file));
  return {
    checked: named.length,
    missing: missing.map(({ line, text }) => `${line}: there is no ${text}`),
  };
}

function file(link: string): string {
  return link.split('#')[0] ?? '';
}

await exitWith(main);
