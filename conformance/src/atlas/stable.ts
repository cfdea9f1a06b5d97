// Text that is the same in every run: what changes from run to run becomes a label.
import { relabeller, replacer } from '../trial/labels.ts';
import { USERS } from '../trial/clients.ts';
import type { Stage } from '../trial/stage.ts';

export const SERVER = '<server>';
export const API = '<api>';
const CLIENT = '<client>';

// Parameters whose value tells a reader something, and is the same each time; any other one's value becomes its name in capitals.
const SPEAKING = new Set([
  'client_id',
  'code_challenge_method',
  'error',
  'error_description',
  'error_uri',
  'grant_type',
  'iss',
  'password',
  'client_secret',
  'code',
  'code_verifier',
  'refresh_token',
  'prompt',
  'redirect_uri',
  'response_mode',
  'response_type',
  'scope',
  'username',
]);
// Of these, a value that is no label yet is a secret of the browser's way.
const SECRET = new Set(['code']);

// A listener of a client has a port that the system chose.
const LOOPBACK = /http(:\/\/|%3A%2F%2F)127\.0\.0\.1(?:(?::|%3A)\d+)?/gi;

/** Makes what happened on a stage stable. */
export function stabilizer(
  stage: Pick<Stage, 'wire' | 'tokenUrl' | 'apiUrl'>,
): (text: string) => string {
  const passwords = replacer(
    new Map(Object.values(USERS).map(({ password }) => [password, 'PASSWORD'])),
  );
  const secrets = relabeller(stage.wire);
  const origins = replacer(
    new Map([
      [new URL(stage.tokenUrl).origin, SERVER],
      [stage.apiUrl, API],
    ]),
  );
  return (text) => origins(secrets(passwords(text))).replaceAll(LOOPBACK, CLIENT);
}

/**
 * Form fields or a query with labels in the place of what is random.
 *
 * @param text `name=value&…`, which keeps its order and spelling
 */
export function stableParameters(text: string): string {
  return text
    .split('&')
    .map((pair) => {
      const [name = '', value = ''] = pair.split('=');
      const isLabel = /^[A-Z_]+\d*$/.test(value);
      const kept = SPEAKING.has(name) && (!SECRET.has(name) || isLabel);
      return kept || value === '' ? pair : `${name}=${isLabel ? value : name.toUpperCase()}`;
    })
    .join('&');
}

/** The same for whatever stands behind the `?` or `#` of a URL. */
export function stableUrl(text: string): string {
  return text.replace(
    /([?#])(.*)$/s,
    (_, mark: string, rest: string) => `${mark}${stableParameters(rest)}`,
  );
}

/** A lifetime in seconds: a server that looks at its clock twice says one less when the second has turned meanwhile. */
export function stableLifetime(seconds: unknown): unknown {
  return typeof seconds === 'number' ? Math.ceil(seconds / 10) * 10 : seconds;
}
