import { oauthError } from './error_classes.ts';
import {
  type ClientAuthentication,
  type GrantName,
  needsSecret,
  type Settings,
} from './settings.ts';
import { FileStore } from './store/file_store.ts';
import { withoutUrlCredentials } from './url_credentials.ts';

const PERSON = ['OAUTH_USERNAME', 'OAUTH_PASSWORD'] as const;

export interface EnvironmentOptions {
  /** How a token is first got: it belongs to the program, not to its environment. Default `client_credentials`. */
  readonly grant?: GrantName | undefined;
  /** Further variables that must be set. */
  readonly needed?: readonly ('API_URL' | 'OAUTH_ISSUER' | 'OAUTH_CLIENT_SECRET')[] | undefined;
}

/**
 * Reads {@link Settings} from environment variables: `OAUTH_ISSUER`, `OAUTH_TOKEN_URL`, `OAUTH_REFRESH_URL`, `OAUTH_AUTHORIZE_URL`,
 * `OAUTH_USERINFO_URL`, `OAUTH_REVOKE_URL`, `OAUTH_JWKS_URL`, `OAUTH_END_SESSION_URL`, `OAUTH_CLIENT_ID`, `OAUTH_CLIENT_SECRET`,
 * `OAUTH_CLIENT_AUTH`, `OAUTH_SCOPE`, `OAUTH_USERNAME`, `OAUTH_PASSWORD`, `OAUTH_REDIRECT_PORT`, `OAUTH_TOKEN_FILE`, `API_URL`, and
 * `OAUTH_DEBUG=1` for a log on standard error. An empty variable counts as unset.
 *
 * @throws OAuthError `config_error`, naming all variables that are missing; {@link TokenClient} checks what is there.
 */
export function settingsFromEnvironment(
  { grant = 'client_credentials', needed = [] }: EnvironmentOptions = {},
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const read = (name: string): string | undefined => environment[name] || undefined;
  const port = read('OAUTH_REDIRECT_PORT');
  const file = read('OAUTH_TOKEN_FILE');
  const settings = withoutUrlCredentials({
    grant,
    issuer: read('OAUTH_ISSUER'),
    tokenUrl: read('OAUTH_TOKEN_URL'),
    refreshUrl: read('OAUTH_REFRESH_URL'),
    authorizeUrl: read('OAUTH_AUTHORIZE_URL'),
    userinfoUrl: read('OAUTH_USERINFO_URL'),
    revokeUrl: read('OAUTH_REVOKE_URL'),
    jwksUrl: read('OAUTH_JWKS_URL'),
    endSessionUrl: read('OAUTH_END_SESSION_URL'),
    clientId: read('OAUTH_CLIENT_ID'),
    clientSecret: read('OAUTH_CLIENT_SECRET'),
    // The word is checked by TokenClient, like any other value.
    clientAuth: read('OAUTH_CLIENT_AUTH') as ClientAuthentication | undefined,
    scope: read('OAUTH_SCOPE'),
    username: read('OAUTH_USERNAME'),
    password: read('OAUTH_PASSWORD'),
    redirectPort: port === undefined ? undefined : Number(port),
    store: file === undefined ? undefined : new FileStore(file),
    apiUrl: read('API_URL'),
    log:
      read('OAUTH_DEBUG') === '1' ? (line: string) => process.stderr.write(`${line}\n`) : undefined,
  });
  const { issuer, tokenUrl, authorizeUrl, clientId, clientSecret } = settings;
  const needs = new Set<string>([...needed, ...(grant === 'password' ? PERSON : [])]);
  const needsIssuer = needs.delete('OAUTH_ISSUER');
  const needsEndpoints = !issuer && !needsIssuer;
  const isLogin = grant === 'authorization_code';
  const lacksSecret = needs.delete('OAUTH_CLIENT_SECRET') ? !clientSecret : needsSecret(settings);
  const lacks: readonly (readonly [name: string, lacking: boolean])[] = [
    ['OAUTH_ISSUER', !issuer && needsIssuer],
    ['OAUTH_ISSUER or OAUTH_AUTHORIZE_URL', isLogin && needsEndpoints && !authorizeUrl],
    ['OAUTH_ISSUER or OAUTH_TOKEN_URL', needsEndpoints && !tokenUrl],
    ['OAUTH_CLIENT_ID', !clientId],
    ['OAUTH_CLIENT_SECRET', lacksSecret],
    ...[...needs].map((name) => [name, !read(name)] as const),
  ];
  const missing = lacks.filter(([, lacking]) => lacking).map(([name]) => name);
  if (missing.length > 0) {
    throw oauthError('config_error', `Missing settings: ${missing.join(', ')}`);
  }
  return settings;
}
