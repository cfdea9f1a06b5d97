/**
 * Whether a version is the minimum or newer. Not semver: these are `1.6`, `7.88.1`, R's `1.4-2` and
 * Java's `17.0.15+6`, where a missing part counts as 0 and every separator alike.
 */
export function isAtLeast(version: string, minimum: string): boolean {
  const have = numbers(version);
  const need = numbers(minimum);
  for (const [index, wanted] of need.entries()) {
    const part = have[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function numbers(version: string): number[] {
  return (version.match(/\d+/g) ?? []).map(Number);
}
