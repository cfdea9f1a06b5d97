import { apiUpstream } from '../api/api-upstream.ts';
import { ticketingApi } from '../api/ticketing-api.ts';
import { onExit } from '../processes/on-exit.ts';
import { Authority } from '../servers/authority.ts';
import { startKeycloak } from '../servers/keycloak/index.ts';
import { CLIENTS } from '../trial/clients.ts';
import type { Exchange } from '../wire/exchange.ts';
import { keycloakEndpoint } from '../wire/keycloak-upstream.ts';
import { Recorder } from '../wire/recorder.ts';
import type { Options } from './options.ts';

/**
 * Keeps Keycloak and the ticketing API up, and prints the settings with which any sample can be tried by hand, until Ctrl-C.
 *
 * The secret is the test realm's own, which stands in conformance/realm/korusticket.json: it opens nothing but this Keycloak.
 *
 * @throws CannotRun when Keycloak cannot be had.
 */
export async function playground(
  { server }: Pick<Options, 'server'>,
  progress: (line: string) => void,
): Promise<never> {
  const keycloak = await startKeycloak(server, progress);
  const authority = new Authority(keycloak.url);
  // Forgetting what was exchanged: nobody judges it here, and a person may play for hours.
  const shared = { faults: [], wire: forgetful(), startedAt: performance.now() };
  const recorder = await Recorder.open({
    ...shared,
    upstream: authority.upstream,
    endpointOf: keycloakEndpoint,
  });
  const issuer = `${recorder.origin}/realms/korusticket`;
  const api = ticketingApi({ issuer, jwks: await authority.jwks('korusticket') });
  const apiRecorder = await Recorder.open({
    ...shared,
    upstream: apiUpstream(api),
    endpointOf: () => 'api',
  });
  onExit(() => keycloak.stop());
  const { id, secret } = CLIENTS.service;
  console.log(`
export OAUTH_ISSUER=${issuer}
export OAUTH_CLIENT_ID=${id}
export OAUTH_CLIENT_SECRET='${secret}'
export API_URL=${apiRecorder.origin}

Paste these lines into another terminal, copy a sample into an empty folder, and run the command in its first comment.
Ctrl-C ends Keycloak and the API.`);
  return new Promise<never>(() => {});
}

function forgetful(): Exchange[] {
  return Object.assign([] as Exchange[], { push: () => 0 });
}
