import { printable } from './printable.ts';
import type { Secret } from './secret.ts';

const LONGEST = 8192;

/** What an API's Bearer challenge says (RFC 6750, section 3). */
export interface BearerChallenge {
  /** `invalid_token`, `insufficient_scope`, `invalid_request` or another word. */
  readonly error?: string;
  /** Cut, without control characters. */
  readonly errorDescription?: string;
  /** The scopes that would do, separated by spaces. */
  readonly scope?: string;
}

interface Challenge {
  /** In lower case; empty where the server left it out. */
  readonly scheme: string;
  /** By name in lower case. */
  readonly parameters: Map<string, string>;
}

/**
 * Finds the Bearer challenge in `WWW-Authenticate` (RFC 9110, section 11.6.1; RFC 6750, section 3), be it one of several in a line or in
 * several lines. Of several Bearer challenges the first with an `error` counts. Never throws; reads 8 KiB at most, in linear time.
 *
 * @param sent secrets of the request, which are masked where the server quotes them.
 * @returns `'none'` if the server does not ask for a Bearer token.
 */
export function bearerChallenge(
  headers: Headers,
  sent: readonly Secret[] = [],
): BearerChallenge | 'none' {
  const all = challenges((headers.get('WWW-Authenticate') ?? '').slice(0, LONGEST));
  const bearers = all.filter(({ scheme }) => scheme === 'bearer');
  const withError = ({ parameters }: Challenge) => Boolean(parameters.get('error'));
  // django-oidc-provider leaves the scheme out; its error is meant for a Bearer token, since it knows no other.
  const found =
    bearers.find(withError) ??
    bearers[0] ??
    all.find((challenge) => challenge.scheme === '' && withError(challenge));
  return found ? described(found, sent) : 'none';
}

function described({ parameters }: Challenge, sent: readonly Secret[]): BearerChallenge {
  const error = parameters.get('error');
  const description = parameters.get('error_description');
  const scope = parameters.get('scope');
  return {
    ...(error && { error: printable(error, sent) }),
    ...(description && { errorDescription: printable(description, sent) }),
    // RFC 6749, section 3.3: a value with anything else in it is no list of scopes.
    ...(scope && /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/.test(scope) && { scope }),
  };
}

// All of these are sticky and match a text in one way only, so that every character is looked at a few times at most.
const SEPARATOR = /[ \t,]*/y;
const WORD = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const EQUALS = /[ \t]*=[ \t]*/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/y;
const UNQUOTED = /[^\s,"]*/y;
/** A quotation may hold commas. One without an end matches nothing: it has swallowed the rest. */
const STRAY = /"(?:[^"\\]|\\.)*"|[^"]/y;

function challenges(text: string): Challenge[] {
  const found: Challenge[] = [];
  let at = 0;
  const read = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0] ?? '';
    at += match.length;
    return match;
  };
  let startsElement = true;
  for (;;) {
    if (read(SEPARATOR).includes(',')) startsElement = true;
    if (at >= text.length) return found;
    const word = read(WORD).toLowerCase();
    if (word === '') {
      if (read(STRAY) === '') return found;
      continue;
    }
    if (read(EQUALS) !== '') {
      const quoted = text[at] === '"';
      const value = read(quoted ? QUOTED : UNQUOTED);
      parameter(found, word, quoted ? unquoted(value) : value);
    } else if (startsElement) {
      // A word elsewhere is no scheme but a token68 (RFC 9110, section 11.2), or part of a text that should have been quoted.
      found.push({ scheme: word, parameters: new Map() });
    }
    startsElement = false;
  }
}

function unquoted(quotation: string): string {
  return quotation.slice(1, -1).replaceAll(/\\(.)/g, '$1');
}

function parameter(found: Challenge[], name: string, value: string): void {
  if (found.length === 0) found.push({ scheme: '', parameters: new Map() });
  const parameters = found.at(-1)?.parameters;
  // RFC 6750, section 3: no parameter appears twice. Where one does, the first one counts.
  if (!parameters?.has(name)) parameters?.set(name, value);
}
