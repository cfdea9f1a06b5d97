const LONGEST = 200;

/** Text of a server made fit for a terminal or a log: control characters become spaces, the rest is cut. */
export function printable(text: string): string {
  const oneLine = text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ');
  return oneLine.length > LONGEST ? `${oneLine.slice(0, LONGEST)}…` : oneLine;
}
