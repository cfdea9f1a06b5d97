import { CannotRun } from '../../conformance/src/cannot-run.ts';
import type { Runtime } from '../../conformance/src/runtimes/index.ts';
import { djangoHarness } from '../../conformance/src/servers/django/harness.ts';
import type { RealmUser } from '../../conformance/src/trial/clients.ts';
import { VirtualUser } from '../../conformance/src/user/virtual-user.ts';
import { z } from 'zod';
import { differences } from './answer.ts';
import { type CommandLine, jsonOf, type Section } from './page.ts';
import { openShell, type Run } from './shell.ts';

/** The server as the page prints it. */
const PRINTED = 'http://localhost:8000';

const token = z.string().min(1).optional();
const Tokens = z.object({ access_token: token, refresh_token: token, id_token: token });
const Login = z.object({ authorization_url: z.url() });

/** What the command lines of a section are played on. */
export interface Stage {
  /** Base URL of the servers. */
  readonly url: string;
  readonly runtimes: readonly Runtime[];
  /** What the section's variables stand for. */
  readonly settings: Readonly<Record<string, string>>;
  /** Of those, the ones that nobody may see. */
  readonly secrets: readonly string[];
  readonly person: RealmUser;
}

/** Plays the command lines of a section in one shell, in their order. Gives for each what is wrong with it. */
export async function play(
  { title, variables, commandLines }: Section,
  { url, runtimes, settings, secrets, person }: Stage,
): Promise<{ line: number; flaws: readonly string[] }[]> {
  const unknown = variables.filter((name) => settings[name] === undefined);
  if (unknown.length > 0)
    throw new CannotRun(
      `${title}: nothing is known for ${unknown.join(', ')}. Give it in scripts/source-documents.ts.`,
    );
  const named = Object.entries(settings).filter(([name]) => variables.includes(name));
  const shell = await openShell(runtimes, Object.fromEntries(named));
  const hidden = new Set(secrets);
  let accessToken = '';
  let pasted = '';
  const one = async (line: CommandLine): Promise<string[]> => {
    if (line.expired && accessToken === '') return ['no answer before has an access token'];
    if (line.expired) await djangoHarness(url).expire(accessToken);
    const run = await shell.run(line.script, pasted);
    pasted = '';
    if (!run) return ['it ended the shell, or did not end in time'];
    const answer = jsonOf(run.stdout)?.json;
    const tokens = Tokens.safeParse(answer).data ?? {};
    for (const one of Object.values(tokens)) if (one !== undefined) hidden.add(one);
    accessToken = tokens.access_token ?? accessToken;
    const login = Login.safeParse(answer).data;
    if (login) pasted = await pastedBy(person, login.authorization_url);
    const printed = { ...run, stdout: run.stdout.replaceAll(url, PRINTED) };
    const flaws = [
      ...differences(line, printed),
      ...(line.asPrinted ? [] : leaks(run, [...hidden])),
    ];
    const said = flaws.length > 0 && run.stderr !== '' ? [withheld(run.stderr, [...hidden])] : [];
    return [...flaws, ...said];
  };
  try {
    const played = [];
    for (const line of commandLines) played.push({ line: line.line, flaws: await one(line) });
    return played;
  } finally {
    await shell.stop();
  }
}

/** The address that a person copies from the browser after the login. */
async function pastedBy(person: RealmUser, authorizationUrl: string): Promise<string> {
  const journey = await new VirtualUser(person).authorize(authorizationUrl);
  return 'callback' in journey ? `${journey.callback.href}\n` : '';
}

function leaks({ commandLines }: Run, hidden: readonly string[]): string[] {
  const seen = commandLines.join('\n');
  return hidden.some((secret) => spellings(secret).some((one) => seen.includes(one)))
    ? ['a secret stands in the arguments of a process']
    : [];
}

function withheld(text: string, hidden: readonly string[]): string {
  return hidden
    .flatMap(spellings)
    .reduce((rest, one) => rest.replaceAll(one, '***'), text)
    .trim();
}

function spellings(secret: string): string[] {
  return [secret, encodeURIComponent(secret)];
}
