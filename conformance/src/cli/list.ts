import type { Implementation } from '../implementations/find.ts';
import type { Identified } from '../requirements/load.ts';

/** What there is to run: requirements with their cases, then implementations. */
export function listing(
  requirements: readonly Identified[],
  implementations: readonly Implementation[],
): string {
  const width = Math.max(...requirements.map(({ id }) => id.length));
  const rules = requirements.map(
    ({ id, level, tier, rule, cases }) =>
      `${id.padEnd(width)}  ${level.padEnd(8)}  ${tier.padEnd(8)}  ${rule}\n${' '.repeat(width)}  cases: ${Object.keys(cases).join(', ')}`,
  );
  const names = implementations.map(({ name, language, adapter, samples }) => {
    const parts = [
      adapter && 'client',
      Object.keys(samples).length > 0 && `samples ${Object.keys(samples).join(', ')}`,
    ];
    return `${name.padEnd(width)}  ${language}: ${parts.filter(Boolean).join(', ')}`;
  });
  return ['Requirements', ...rules, '', 'Implementations', ...names].join('\n');
}
