import type { Secret } from './secret.ts';

const LONGEST = 200;

/**
 * Text of a server made fit for a terminal or a log: control characters become spaces, the rest is cut.
 *
 * @param sent secrets of the request: some servers quote what they refuse.
 */
export function printable(text: string, sent: readonly Secret[] = []): string {
  const oneLine = masked(text, sent).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return oneLine.length > LONGEST ? `${oneLine.slice(0, LONGEST)}…` : oneLine;
}

/** A value out of JSON for a message: as JSON, cut, without control characters. */
export function shown(value: unknown): string {
  return value === undefined ? 'none' : printable(JSON.stringify(value));
}

function masked(text: string, sent: readonly Secret[]): string {
  return sent.reduce((shown, secret) => {
    const value = secret.reveal();
    if (value === '') return shown;
    return shown
      .replaceAll(value, String(secret))
      .replaceAll(encodeURIComponent(value), String(secret));
  }, text);
}
