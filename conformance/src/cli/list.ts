import type { Implementation } from '../implementations/find.ts';
import { type Identified, serversOf } from '../requirements/load.ts';
import { SERVER_NAMES } from '../servers/server.ts';
import type { Case } from '../requirements/requirement.ts';

/** What there is to run: requirements with their cases, then implementations. */
export function listing(
  requirements: readonly Identified[],
  implementations: readonly Implementation[],
): string {
  const width = Math.max(...requirements.map(({ id }) => id.length));
  const rules = requirements.map(
    ({ id, level, tier, rule, cases }) =>
      `${id.padEnd(width)}  ${level.padEnd(8)}  ${tier.padEnd(8)}  ${rule}\n${' '.repeat(width)}  cases: ${Object.entries(cases).map(withServers).join(', ')}`,
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

/** A case, with the servers at which it is played if these are others than Keycloak alone. */
function withServers([name, definition]: [string, Case]): string {
  const servers = serversOf(definition);
  if (servers.join() === 'keycloak') return name;
  return `${name} (${servers.length === SERVER_NAMES.length ? 'every server' : servers.join(', ')})`;
}
