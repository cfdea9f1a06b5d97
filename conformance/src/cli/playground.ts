import { CannotRun } from '../cannot-run.ts';
import { apiUpstream } from '../api/api-upstream.ts';
import { ticketingApi } from '../api/ticketing-api.ts';
import { onExit } from '../processes/on-exit.ts';
import { keycloakAuthority } from '../servers/keycloak/authority.ts';
import { startKeycloak } from '../servers/keycloak/index.ts';
import type { Exchange } from '../wire/exchange.ts';
import { Recorder } from '../wire/recorder.ts';
import type { Implementation } from '../implementations/find.ts';
import { instructions } from './instructions.ts';
import { liveLines } from './live.ts';
import type { Options } from './options.ts';

/**
 * Keeps Keycloak and the ticketing API up, prints the settings and the command with which each sample can be tried by hand, and shows each exchange as it
 * happens, until Ctrl-C.
 *
 * The secrets are the test realm's own, which stand in conformance/realm/korusticket.json: they open nothing but this Keycloak.
 *
 * @throws CannotRun when Keycloak cannot be had, or another server is asked for.
 */
export async function playground(
  { servers }: Pick<Options, 'servers'>,
  implementations: readonly Implementation[],
  progress: (line: string) => void,
): Promise<never> {
  if (servers.names.some((name) => name !== 'keycloak'))
    throw new CannotRun(
      'playground keeps a Keycloak up: --server takes container, distribution or a URL there',
    );
  const keycloak = await startKeycloak(servers.keycloak, progress);
  const authority = keycloakAuthority(keycloak.url);
  // Forgetting what was exchanged: nobody judges it here, and a person may play for hours.
  const shared = {
    faults: [],
    wire: forgetful(),
    startedAt: performance.now(),
    answered: (exchange: Exchange) => {
      if (exchange.endpoint !== 'other') for (const line of liveLines(exchange)) console.log(line);
    },
  };
  const recorder = await Recorder.open({
    ...shared,
    upstream: authority.upstream,
    endpointOf: (path) => authority.endpointOf(path),
  });
  const behind = { origin: recorder.origin, realm: 'korusticket' } as const;
  const { issuer = '' } = authority.endpoints(behind);
  const api = ticketingApi(await authority.tokenCheck(behind, false));
  const apiRecorder = await Recorder.open({
    ...shared,
    upstream: apiUpstream(api),
    endpointOf: () => 'api',
  });
  onExit(() => keycloak.stop());
  console.log(instructions(issuer, apiRecorder.origin, implementations));
  return new Promise<never>(() => {});
}

function forgetful(): Exchange[] {
  return Object.assign([] as Exchange[], { push: () => 0 });
}
