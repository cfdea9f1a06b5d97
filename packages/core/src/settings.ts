import { OAuthError } from './errors.ts';
import { Secret } from './secret.ts';
import { endpointUrl } from './endpoint.ts';

export type ClientAuthentication = 'basic' | 'post' | 'none';

/** What a {@link TokenClient} is told. Every member has an environment variable of the same name: `OAUTH_TOKEN_URL` … */
export interface Settings {
  /** How a token is first got. Default `client_credentials` (RFC 6749, section 4.4). */
  readonly grant?: 'client_credentials' | undefined;
  /** Issuer URL; the endpoints then come from its metadata (OpenID Connect Discovery 1.0, section 4). */
  readonly issuer?: string | undefined;
  /** Token endpoint, for servers without discovery. Wins over discovery. */
  readonly tokenUrl?: string | undefined;
  /** Where refresh requests go. Default: the token endpoint. */
  readonly refreshUrl?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | Secret | undefined;
  /** How the client authenticates. Default: `basic`, unless the metadata lists methods without it and with `post`. */
  readonly clientAuth?: ClientAuthentication | undefined;
  /** Scopes, separated by spaces. */
  readonly scope?: string | undefined;
  /** Base of the protected API; the token goes to its origin and nowhere else. */
  readonly apiUrl?: string | undefined;
  /** Gets one line an exchange, with secrets masked. */
  readonly log?: ((line: string) => void) | undefined;
}

/** {@link Settings} that were checked, with defaults filled in and the secret wrapped. */
export interface CheckedSettings {
  readonly issuer: string | undefined;
  readonly tokenUrl: URL | undefined;
  readonly refreshUrl: URL | undefined;
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly clientAuth: ClientAuthentication | undefined;
  readonly scope: string | undefined;
  readonly apiUrl: URL | undefined;
  readonly log: (line: string) => void;
}

const METHODS: readonly string[] = ['basic', 'post', 'none'] satisfies ClientAuthentication[];

/**
 * Checks settings before anything is sent.
 *
 * @throws OAuthError `config_error`, naming everything that is missing or wrong at once.
 */
export function checkSettings(settings: Settings): CheckedSettings {
  const { issuer, tokenUrl, clientId, clientSecret, clientAuth, grant } = settings;
  const wrong: string[] = [];
  if (!issuer && !tokenUrl) wrong.push('issuer or tokenUrl is missing');
  if (!clientId) wrong.push('clientId is missing');
  if (!clientSecret && clientAuth !== 'none') {
    wrong.push('clientSecret is missing (or set clientAuth to none)');
  }
  if (clientAuth !== undefined && !METHODS.includes(clientAuth)) {
    wrong.push(`clientAuth must be one of ${METHODS.join(', ')}`);
  }
  if (grant !== undefined && grant !== 'client_credentials') {
    wrong.push('grant must be client_credentials');
  }
  const url = (name: 'issuer' | 'tokenUrl' | 'refreshUrl' | 'apiUrl'): URL | undefined => {
    const value = settings[name];
    if (!value) return undefined;
    const checked = endpointUrl(value);
    if (typeof checked === 'string') wrong.push(`${name} ${checked}`);
    return typeof checked === 'string' ? undefined : checked;
  };
  url('issuer');
  const checked: CheckedSettings = {
    issuer: issuer || undefined,
    tokenUrl: url('tokenUrl'),
    refreshUrl: url('refreshUrl'),
    clientId: clientId ?? '',
    clientSecret: typeof clientSecret === 'string' ? new Secret(clientSecret) : clientSecret,
    clientAuth,
    scope: settings.scope?.trim() || undefined,
    apiUrl: url('apiUrl'),
    log: settings.log ?? (() => {}),
  };
  if (wrong.length > 0) throw new OAuthError('config_error', `settings: ${wrong.join('; ')}`);
  return checked;
}

/**
 * Reads {@link Settings} from environment variables: `OAUTH_ISSUER`, `OAUTH_TOKEN_URL`, `OAUTH_REFRESH_URL`, `OAUTH_CLIENT_ID`,
 * `OAUTH_CLIENT_SECRET`, `OAUTH_CLIENT_AUTH`, `OAUTH_SCOPE`, `API_URL`, and `OAUTH_DEBUG=1` for a log on standard error. An empty
 * variable counts as unset.
 *
 * @param needed further variables that must be set, such as `API_URL`.
 * @throws OAuthError `config_error`, naming all variables that are missing; {@link TokenClient} checks what is there.
 */
export function settingsFromEnvironment(
  needed: readonly 'API_URL'[] = [],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Settings {
  const read = (name: string): string | undefined => environment[name] || undefined;
  const settings = {
    issuer: read('OAUTH_ISSUER'),
    tokenUrl: read('OAUTH_TOKEN_URL'),
    refreshUrl: read('OAUTH_REFRESH_URL'),
    clientId: read('OAUTH_CLIENT_ID'),
    clientSecret: read('OAUTH_CLIENT_SECRET'),
    // The word is checked by TokenClient, like any other value.
    clientAuth: read('OAUTH_CLIENT_AUTH') as ClientAuthentication | undefined,
    scope: read('OAUTH_SCOPE'),
    apiUrl: read('API_URL'),
    log:
      read('OAUTH_DEBUG') === '1' ? (line: string) => process.stderr.write(`${line}\n`) : undefined,
  };
  const missing: string[] = needed.filter((name) => !read(name));
  if (!settings.clientSecret && settings.clientAuth !== 'none')
    missing.unshift('OAUTH_CLIENT_SECRET');
  if (!settings.clientId) missing.unshift('OAUTH_CLIENT_ID');
  if (!settings.issuer && !settings.tokenUrl) missing.unshift('OAUTH_ISSUER or OAUTH_TOKEN_URL');
  if (missing.length > 0) {
    throw new OAuthError('config_error', `Missing settings: ${missing.join(', ')}`);
  }
  return settings;
}
