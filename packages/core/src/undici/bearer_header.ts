import type { Dispatcher } from 'undici';

type Headers = Dispatcher.DispatchOptions['headers'];
type Value = string | string[] | undefined;

/** Headers with an `authorization` in place of all that were there. A copy: the caller may use its own again. */
export function withAuthorization(headers: Headers, authorization: string): NonNullable<Headers> {
  if (!headers) return { authorization };
  if (isFlatList(headers)) return inList(headers, authorization);
  const pairs = Symbol.iterator in headers ? headers : undefined;
  const merged = pairs ? fromPairs(pairs) : without(headers as Record<string, Value>);
  merged['authorization'] = authorization;
  return merged;
}

/** Names and values by turns. */
function isFlatList(headers: object): headers is string[] {
  return Array.isArray(headers) && !Array.isArray(headers[0]);
}

function inList(headers: string[], authorization: string): string[] {
  // Half a pair: undici says so.
  if (headers.length % 2 === 1) return headers;
  const merged = ['authorization', authorization];
  for (let at = 0; at < headers.length; at += 2) {
    const [name, value] = [headers[at] as string, headers[at + 1] as string];
    if (!isAuthorization(name)) merged.push(name, value);
  }
  return merged;
}

function without(headers: Readonly<Record<string, Value>>): Record<string, Value> {
  const merged: Record<string, Value> = {};
  for (const name of Object.keys(headers)) {
    if (!isAuthorization(name)) merged[name] = headers[name];
  }
  return merged;
}

function fromPairs(pairs: Iterable<[string, Value]>): Record<string, Value> {
  const merged = Object.create(null) as Record<string, Value>;
  for (const [name, value] of pairs) {
    if (isAuthorization(name) || value === undefined) continue;
    const before = merged[name];
    merged[name] = before === undefined ? value : [before, value].flat();
  }
  return merged;
}

function isAuthorization(name: string): boolean {
  return name.length === 13 && name.toLowerCase() === 'authorization';
}
