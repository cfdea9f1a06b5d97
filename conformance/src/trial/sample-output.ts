import { must } from '../verdict/verdict.ts';
import { fingerprint } from './labels.ts';

/**
 * The token block of docs/samples.md, compared with what the wire delivered.
 *
 * @param answer the token endpoint's JSON
 * @param asked for scopes: an answer without scope grants these (RFC 6749, section 5.1), and a sample may say so.
 */
export function mustPrintToken(
  output: string,
  answer: Record<string, unknown> | undefined,
  asked?: string,
): void {
  const printed = output.trimEnd().split('\n');
  const wanted = [
    `token_type: ${shown(answer?.['token_type'])}`,
    `expires_in: ${shown(answer?.['expires_in'])}`,
    `scope: ${scopeOf(printed[2], answer?.['scope'], asked)}`,
    `access_token: ${digest(answer?.['access_token'])}`,
    `refresh_token: ${digest(answer?.['refresh_token'])}`,
  ];
  for (const [index, line] of wanted.entries()) {
    // A token type is the same in any case (RFC 6749, section 5.1): a sample may print it as it likes.
    const fold = (text: string) => (index === 0 ? text.toLowerCase() : text);
    must(
      fold(printed[index]?.trimEnd() ?? '') === fold(line),
      `'${line}' on standard output`,
      printed[index] ?? 'nothing',
    );
  }
  must(
    printed.filter((line) => line !== '').length === wanted.length,
    'nothing else on standard output',
    printed.slice(wanted.length),
  );
}

function scopeOf(printed: string | undefined, granted: unknown, asked: string | undefined): string {
  return granted === undefined && printed === `scope: ${asked}` ? (asked ?? '') : shown(granted);
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : 'none';
}

function digest(token: unknown): string {
  return typeof token === 'string'
    ? `${token.length} characters, sha256 ${fingerprint(token)}`
    : 'none';
}
