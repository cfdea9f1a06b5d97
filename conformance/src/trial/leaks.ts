import { must } from '../verdict/verdict.ts';
import { basicCredentials, type Exchange, form, header } from '../wire/exchange.ts';
import { spellings, tokenLabels } from './labels.ts';
import { CLIENT_SECRETS } from './clients.ts';

/** Part of a token that is as good as a leak: a JWT's signature cannot be guessed, but its head and body are worth reading. */
const PREFIX = 24;

/** Every secret of a trial, with a name for it that may be shown. */
export function canaries(wire: readonly Exchange[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const [token, label] of tokenLabels(wire)) found.set(token, label);
  for (const secret of CLIENT_SECRETS) found.set(secret, 'the client secret');
  for (const { endpoint, request } of wire) {
    const verifier = endpoint === 'token' && form(request).get('code_verifier');
    if (verifier) found.set(verifier, 'the code verifier');
    const encoded = header(request, 'authorization')?.split(/ +/)[1];
    if (encoded && basicCredentials(request)) found.set(encoded, 'the Basic credentials');
  }
  return found;
}

/** The first secret that stands in a text, in whatever spelling, whole or in part. */
export function leaked(text: string, secrets: Map<string, string>): string | undefined {
  for (const [secret, label] of secrets) {
    const parts = isJwt(secret) ? [...spellings(secret), ...jwtParts(secret)] : spellings(secret);
    if (parts.some((part) => text.includes(part))) return label;
  }
  return undefined;
}

function isJwt(token: string): boolean {
  return token.split('.').length === 3 && token.startsWith('ey');
}

// All tokens of a server share their head, so a prefix of the whole would say nothing; the other two parts are each token's own. A
// body begins alike in all tokens of one second, so its end is looked for, and of the signature both ends.
function jwtParts(token: string): string[] {
  const [, payload = '', signature = ''] = token.split('.');
  return [payload.slice(-PREFIX), signature.slice(0, PREFIX), signature.slice(-PREFIX)];
}

/** No secret stands in texts that others may read. */
export function mustNotLeak(
  texts: string | readonly string[],
  where: string,
  wire: readonly Exchange[],
): void {
  const found = leaked([texts].flat().join('\n'), canaries(wire));
  must(found === undefined, `no secret in ${where}`, `${found ?? ''} stands there`);
}
