import type { ServerUrls } from '../engine/server-urls.ts';
import { djangoOAuthToolkit } from './django/oauth-toolkit.ts';
import { djangoOidcProvider } from './django/oidc-provider.ts';
import { keycloakAuthority } from './keycloak/authority.ts';
import { type Authority, SERVER_NAMES, type ServerName } from './server.ts';

const AUTHORITIES: Readonly<Record<ServerName, (url: string) => Authority>> = {
  keycloak: keycloakAuthority,
  'django-oauth-toolkit': djangoOAuthToolkit,
  'django-oidc-provider': djangoOidcProvider,
};

/** The servers that run, in the order of their names' list. */
export function authoritiesOf(urls: ServerUrls): Authority[] {
  return SERVER_NAMES.flatMap((name) => {
    const url = urls[name];
    return url === undefined ? [] : AUTHORITIES[name](url);
  });
}
