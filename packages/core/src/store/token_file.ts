import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../json.ts';
import type { StoredTokens } from './token_store.ts';

/** A token file of docs/token-file.md, with the members that this version does not know. */
export interface TokenFile extends JsonObject {
  readonly tokens: JsonObject;
}

/** What the bytes of a token file turn out to be. */
export type Content =
  | { readonly kind: 'whole'; readonly file: TokenFile }
  /** `reason` shows nothing of the content. */
  | { readonly kind: 'damaged'; readonly reason: string }
  /** Somebody else's, or a later version's: not to be touched. `found` says which. */
  | { readonly kind: 'foreign'; readonly found: string };

const FORMAT = 'polyglot-tokens';
const VERSION = 1;
/** Bytes of the largest file that is read or written. */
export const LARGEST = 1 << 20;
const DEEPEST = 32;

export const EMPTY: TokenFile = { format: FORMAT, version: VERSION, tokens: {} };

const REQUIRED = { access_token: isText, token_type: isBearer, issued_at: isTime };
const OPTIONAL = {
  scope: isString,
  expires_at: isTime,
  refresh_token: isText,
  refresh_expires_at: isTime,
  id_token: isText,
  refresh_sent_at: isTime,
};
const MEMBERS = Object.keys({ ...REQUIRED, ...OPTIONAL });

/** Reads the bytes of a token file. Never throws. */
export function readTokenFile(bytes: Uint8Array): Content {
  const damaged = (reason: string): Content => ({ kind: 'damaged', reason });
  if (bytes.length > LARGEST) return damaged('larger than 1 MiB');
  let json: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // What `touch` and `mktemp` leave.
    if (text.trim() === '') return { kind: 'whole', file: EMPTY };
    json = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    return damaged('not JSON in UTF-8');
  }
  if (!isObject(json)) return damaged('not a JSON object');
  const { format, version, tokens } = json;
  if (typeof format !== 'string') return damaged('without a format');
  if (format !== FORMAT) return { kind: 'foreign', found: `format ${JSON.stringify(format)}` };
  if (typeof version !== 'number' && typeof version !== 'string')
    return damaged('without a version');
  if (version !== VERSION) return { kind: 'foreign', found: `version ${JSON.stringify(version)}` };
  if (!isObject(tokens)) return damaged('without tokens');
  if (isDeeper(json, DEEPEST)) return damaged('nested too deeply');
  return { kind: 'whole', file: { ...json, tokens } };
}

/** What the file holds for a key, as it stands there; undefined if nothing. */
export function entryOf(file: TokenFile, key: string): unknown {
  return Object.hasOwn(file.tokens, key) ? (file.tokens[key] ?? undefined) : undefined;
}

/** @returns undefined for an entry of another shape. Members that are not known are left out. */
export function readEntry(entry: unknown): StoredTokens | undefined {
  if (!isObject(entry)) return undefined;
  const valueOf = (name: string) => (Object.hasOwn(entry, name) ? entry[name] : undefined);
  const fits =
    Object.entries(REQUIRED).every(([name, fit]) => fit(valueOf(name))) &&
    Object.entries(OPTIONAL).every(
      ([name, fit]) => (valueOf(name) ?? null) === null || fit(valueOf(name)),
    );
  if (!fits) return undefined;
  const known = MEMBERS.filter((name) => (valueOf(name) ?? null) !== null);
  const tokens = Object.fromEntries(known.map((name) => [name, entry[name]]));
  return { ...tokens, token_type: 'Bearer' } as StoredTokens;
}

/** The file with another entry for a key, or without one. Members of file and entry that are not known stay. */
export function withEntry(
  file: TokenFile,
  key: string,
  tokens: StoredTokens | undefined,
): TokenFile {
  const others = Object.entries(file.tokens).filter(([name]) => name !== key);
  if (!tokens) return { ...file, tokens: Object.fromEntries(others) };
  const before = entryOf(file, key);
  const unknown = Object.entries(isObject(before) ? before : {}).filter(
    ([name]) => !MEMBERS.includes(name),
  );
  const given = Object.entries(tokens).filter(([, value]) => value !== undefined);
  const entry = Object.fromEntries([...given, ...unknown]);
  return { ...file, tokens: Object.fromEntries([...others, [key, entry]]) };
}

/** Names the content of an entry: the same for the same members in any order; '' for none. */
export function entryVersion(entry: unknown): string {
  if (entry === undefined) return '';
  return createHash('sha256').update(canonical(entry)).digest('hex').slice(0, 16);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const names = Object.keys(value).toSorted();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function isString(value: unknown): boolean {
  return typeof value === 'string';
}
function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
function isBearer(value: unknown): boolean {
  return typeof value === 'string' && value.toLowerCase() === 'bearer';
}
function isTime(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value);
}
