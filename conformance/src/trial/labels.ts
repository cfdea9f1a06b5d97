import { createHash } from 'node:crypto';
import { basicCredentials, type Exchange, form, jsonBody } from '../wire/exchange.ts';
import { CLIENT_SECRETS } from './clients.ts';

/** The short print that tells one token from another (docs/client.md, Printing). */
export function fingerprint(token: string): string {
  return createHash('sha256').update(token).digest('hex').slice(0, 8);
}

const KINDS = [
  ['access_token', 'AT'],
  ['refresh_token', 'RT'],
  ['id_token', 'IDT'],
] as const;

/** The tokens of one stage by label, in the order in which they were issued: AT1, RT1, AT2 … */
export function tokenLabels(wire: readonly Exchange[]): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [member, prefix] of KINDS) {
    let count = 0;
    for (const { upstream, response } of wire) {
      for (const token of [jsonBody(upstream)?.[member], jsonBody(response)?.[member]]) {
        if (typeof token === 'string' && token !== '' && !labels.has(token))
          labels.set(token, `${prefix}${++count}`);
      }
    }
  }
  return labels;
}

/** What is worth something once, and only until then. */
const ONCE_ONLY = [
  ['code', 'CODE'],
  ['code_verifier', 'VERIFIER'],
] as const;

/** Makes text of a trial fit to be shown: each secret becomes its label, so that one token can be followed through a trace. */
export function relabeller(wire: readonly Exchange[]): (text: string) => string {
  const secrets = tokenLabels(wire);
  for (const secret of CLIENT_SECRETS) secrets.set(secret, 'CLIENT_SECRET');
  for (const { request } of wire) {
    const credentials = basicCredentials(request);
    const header = request.headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
    const encoded = header?.split(/ +/)[1];
    if (credentials && encoded)
      secrets.set(encoded, `BASE64(${credentials.clientId}:CLIENT_SECRET)`);
  }
  const counts = new Map<string, number>();
  for (const { endpoint, request } of wire) {
    if (endpoint !== 'token') continue;
    for (const [name, label] of ONCE_ONLY) {
      const value = form(request).get(name);
      if (!value || secrets.has(value)) continue;
      counts.set(label, (counts.get(label) ?? 0) + 1);
      secrets.set(value, `${label}${counts.get(label)}`);
    }
  }
  return replacer(secrets);
}

/** Puts a label in the place of each secret, in whatever spelling it stands in a text. */
export function replacer(labels: ReadonlyMap<string, string>): (text: string) => string {
  const forms = [...labels].flatMap(([secret, label]) =>
    spellings(secret).map((spelling) => [spelling, label] as const),
  );
  // The longest first: one may be part of another.
  forms.sort(([a], [b]) => b.length - a.length);
  return (text) =>
    forms.reduce((result, [spelling, label]) => result.replaceAll(spelling, label), text);
}

/** A secret as it may stand in a text: as it is, percent-encoded, form-encoded, in JSON, in Base64. */
export function spellings(secret: string): string[] {
  const base64 = Buffer.from(secret).toString('base64');
  return [
    ...new Set([
      secret,
      encodeURIComponent(secret),
      new URLSearchParams([['', secret]]).toString().slice(1),
      JSON.stringify(secret).slice(1, -1),
      base64,
      base64.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''),
    ]),
  ];
}
