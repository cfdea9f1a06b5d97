import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { jsonOf, type Answer } from './page.ts';

type Json = z.core.util.JSONType;

/** What came of a command line. */
export interface Outcome {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** New with every answer, and never to be shown. */
const TOKENS = new Set(['access_token', 'refresh_token', 'id_token', 'state', 'code_challenge']);
const LIFETIMES = new Set(['expires_in']);
const ALPHABETS = [/^[0-9a-f]+$/, /^[0-9A-Za-z]+$/, /^[\w.~-]+$/];

/**
 * In what an outcome is not the one that the page shows; nothing where it is.
 *
 * No difference quotes a token: of those it says only that they have another form.
 */
export function differences(
  expected: { readonly exitCode: number; readonly answer: Answer },
  { exitCode, stdout, stderr }: Outcome,
): string[] {
  const ended =
    exitCode === expected.exitCode
      ? []
      : [`exit code ${expected.exitCode} expected, ${exitCode} came`];
  if ('text' in expected.answer) {
    const same = words(expected.answer.text) === words(`${stderr}\n${stdout}`);
    return [...ended, ...(same ? [] : ['another text came'])];
  }
  const came = jsonOf(stdout);
  if (!came) return [...ended, 'JSON expected, something else came'];
  return [...ended, ...compare('the answer', expected.answer.json, came.json)];
}

function words(text: string): string {
  return text.split(/\s+/).filter(Boolean).join(' ');
}

function compare(name: string, expected: Json, came: Json | undefined): string[] {
  if (came === undefined) return [`${name} is missing`];
  if (isObject(expected) && isObject(came)) {
    const names = new Set([...Object.keys(expected), ...Object.keys(came)]);
    return [...names].flatMap((member) => {
      const wanted = expected[member];
      return wanted === undefined
        ? [`${member} is not on the page`]
        : compare(member, wanted, came[member]);
    });
  }
  if (typeof expected === 'string' && typeof came === 'string') {
    if (TOKENS.has(name)) return hasForm(came, expected) ? [] : [`${name} has another form`];
    if (URL.canParse(expected) && URL.canParse(came))
      return compare(`the URL ${name}`, partsOf(expected), partsOf(came));
  }
  if (LIFETIMES.has(name) && isLifetime(expected) && isLifetime(came)) return [];
  if (isDeepStrictEqual(expected, came)) return [];
  const shown = TOKENS.has(name) ? 'something else' : JSON.stringify(came);
  return [`${name}: ${JSON.stringify(expected)} expected, ${shown} came`];
}

function isObject(value: Json): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLifetime(value: Json): boolean {
  return Number.isInteger(value) && Number(value) > 0;
}

/** As many characters of the same alphabet; of a JWT, which is printed as `eyJ…...`, how it begins. */
function hasForm(token: string, example: string): boolean {
  if (example.endsWith('...'))
    return token.startsWith(example.slice(0, -3)) && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token);
  const alphabet = ALPHABETS.find((one) => one.test(example));
  return token.length === example.length && alphabet?.test(token) === true;
}

function partsOf(url: string): Json {
  const { origin, pathname, searchParams } = new URL(url);
  return { ...Object.fromEntries(searchParams), address: [origin, pathname] };
}
