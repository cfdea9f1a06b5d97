import { oauthError } from './error_classes.ts';
import { endpointUrl } from './endpoint.ts';
import { baseOf } from './protected_url.ts';
import { Secret } from './secret.ts';
import { withoutUrlCredentials } from './url_credentials.ts';
import type { WellKnown } from './discovery.ts';
import type { TokenStore } from './store/token_store.ts';

export type ClientAuthentication = 'basic' | 'post' | 'none';
export type GrantName = 'client_credentials' | 'authorization_code' | 'password';

/** What a {@link TokenClient} is told. Most members have an environment variable of the same name: `OAUTH_TOKEN_URL` … */
export interface Settings {
  /** How a token is first got. Default `client_credentials`. `password` is for legacy servers only. */
  readonly grant?: GrantName | undefined;
  /** Issuer URL; the endpoints then come from its metadata (OpenID Connect Discovery 1.0, RFC 8414). */
  readonly issuer?: string | undefined;
  /** Where the issuer's metadata lies. Default `openid-configuration`; the other one is RFC 8414's. */
  readonly wellKnown?: WellKnown | undefined;
  /** Token endpoint, for servers without discovery. Like every endpoint here, it wins over discovery. `https://id:secret@host/…` is taken apart. */
  readonly tokenUrl?: string | undefined;
  /** Where refresh requests go. Default: the token endpoint. */
  readonly refreshUrl?: string | undefined;
  readonly authorizeUrl?: string | undefined;
  readonly userinfoUrl?: string | undefined;
  readonly revokeUrl?: string | undefined;
  readonly jwksUrl?: string | undefined;
  readonly endSessionUrl?: string | undefined;
  readonly clientId?: string | undefined;
  readonly clientSecret?: string | Secret | undefined;
  /**
   * How the client authenticates. Default: `basic`, unless the metadata lists methods without it and with `post`; `none` for a login without a
   * secret, which is a public client's (RFC 6749, section 2.1).
   */
  readonly clientAuth?: ClientAuthentication | undefined;
  /** Scopes, separated by spaces. */
  readonly scope?: string | undefined;
  /**
   * Further parameters of every token request, the first and those that renew: `{ audience: 'https://api.example' }`, or `resource` (RFC 8707,
   * section 2). Each set of them has tokens of its own.
   */
  readonly tokenParameters?: Readonly<Record<string, string>> | undefined;
  /** For the grant `password`. */
  readonly username?: string | undefined;
  readonly password?: string | Secret | undefined;
  /** Port of the loopback listener for logins. Default: any free one. */
  readonly redirectPort?: number | undefined;
  /** Audiences that an ID token may name beside this client. Default: none. */
  readonly trustedAudiences?: readonly string[] | undefined;
  /** Base of the protected API; the token goes to its origin and nowhere else. */
  readonly apiUrl?: string | undefined;
  /** Further origins that may get the token. */
  readonly apiOrigins?: readonly string[] | undefined;
  /** Where tokens are kept. Default: in memory, for this client alone. */
  readonly store?: TokenStore | undefined;
  /** What every request is made with: a proxy or a certificate authority of one's own comes in here. Default: the platform's `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** Gets one line an exchange, with secrets masked. */
  readonly log?: ((line: string) => void) | undefined;
}

const URLS = [
  'tokenUrl',
  'refreshUrl',
  'authorizeUrl',
  'userinfoUrl',
  'revokeUrl',
  'jwksUrl',
  'endSessionUrl',
] as const;
type UrlName = (typeof URLS)[number];

/** {@link Settings} that were checked, with defaults filled in and secrets wrapped. */
export interface CheckedSettings extends Readonly<Record<UrlName, URL | undefined>> {
  readonly grant: GrantName;
  readonly issuer: string | undefined;
  /** Issuer, else token endpoint, as it is configured: other languages may write a URL in another normal form. */
  readonly server: string;
  readonly wellKnown: WellKnown | undefined;
  readonly clientId: string;
  readonly clientSecret: Secret | undefined;
  readonly clientAuth: ClientAuthentication | undefined;
  readonly scope: string | undefined;
  readonly tokenParameters: Readonly<Record<string, string>>;
  readonly username: string;
  readonly password: Secret;
  readonly redirectPort: number;
  readonly trustedAudiences: readonly string[] | undefined;
  /** What relative URLs of the API are added to. */
  readonly apiBase: string | undefined;
  readonly apiOrigins: ReadonlySet<string>;
  readonly store: TokenStore | undefined;
  readonly fetch: typeof fetch | undefined;
  readonly log: (line: string) => void;
}

const METHODS: readonly string[] = ['basic', 'post', 'none'] satisfies ClientAuthentication[];
const WELL_KNOWN: readonly string[] = [
  'openid-configuration',
  'oauth-authorization-server',
] satisfies WellKnown[];
// What a grant, a refresh or the client's authentication sets itself.
const OWN_PARAMETERS: ReadonlySet<string> = new Set([
  'grant_type',
  'scope',
  'client_id',
  'client_secret',
  'username',
  'password',
  'code',
  'redirect_uri',
  'code_verifier',
  'refresh_token',
]);
const GRANTS: readonly string[] = [
  'client_credentials',
  'authorization_code',
  'password',
] satisfies GrantName[];

/**
 * Checks settings before anything is sent.
 *
 * @throws OAuthError `config_error`, naming everything that is missing or wrong at once.
 */
export function checkSettings(given: Settings): CheckedSettings {
  const settings = withoutUrlCredentials(given);
  const { issuer, wellKnown, clientId, clientSecret, clientAuth } = settings;
  const { grant = 'client_credentials' } = settings;
  const wrong = missing(settings);
  const url = (name: string, value: string | undefined): URL | undefined => {
    const checked = value ? endpointUrl(value) : undefined;
    if (typeof checked === 'string') wrong.push(`${name} ${checked}`);
    return typeof checked === 'string' ? undefined : checked;
  };
  url('issuer', issuer);
  const urls = Object.fromEntries(URLS.map((name) => [name, url(name, settings[name])])) as Record<
    UrlName,
    URL | undefined
  >;
  const apiUrl = url('apiUrl', settings.apiUrl);
  const origins = (settings.apiOrigins ?? []).map((text) => url('apiOrigins', text)?.origin ?? '');
  const { redirectPort = 0 } = settings;
  if (!Number.isInteger(redirectPort) || redirectPort < 0 || redirectPort > 65_535) {
    wrong.push('redirectPort must be a port number');
  }
  if (clientAuth !== undefined && !METHODS.includes(clientAuth)) {
    wrong.push(`clientAuth must be one of ${METHODS.join(', ')}`);
  }
  if (clientSecret && clientAuth === 'none') {
    wrong.push('clientSecret is set, but clientAuth is none');
  }
  if (!GRANTS.includes(grant)) wrong.push(`grant must be one of ${GRANTS.join(', ')}`);
  if (wellKnown !== undefined && !WELL_KNOWN.includes(wellKnown)) {
    wrong.push(`wellKnown must be one of ${WELL_KNOWN.join(', ')}`);
  }
  const { tokenParameters = {} } = settings;
  const owned = Object.keys(tokenParameters).filter((name) => OWN_PARAMETERS.has(name));
  if (owned.length > 0) wrong.push(`tokenParameters must not be ${owned.join(', ')}`);
  if (wrong.length > 0) throw oauthError('config_error', `settings: ${wrong.join('; ')}`);
  return {
    ...urls,
    grant,
    issuer: issuer || undefined,
    server: issuer || settings.tokenUrl || '',
    wellKnown,
    clientId: clientId ?? '',
    clientSecret: secret(clientSecret),
    clientAuth:
      clientAuth ?? (grant === 'authorization_code' && !clientSecret ? 'none' : undefined),
    scope: settings.scope?.trim() || undefined,
    tokenParameters,
    username: settings.username ?? '',
    password: secret(settings.password) ?? new Secret(''),
    redirectPort,
    trustedAudiences: settings.trustedAudiences,
    apiBase: apiUrl && baseOf(apiUrl),
    apiOrigins: new Set(apiUrl ? [apiUrl.origin, ...origins] : origins),
    store: settings.store,
    fetch: settings.fetch,
    log: settings.log ?? silent,
  };
}

// Not a function of its own for each client: it would keep all that checkSettings() has worked with.
function silent(): void {}

function missing(settings: Settings): string[] {
  const { grant, issuer, tokenUrl, authorizeUrl, clientId } = settings;
  const absent: string[] = [];
  if (!issuer && !tokenUrl) absent.push('issuer or tokenUrl is missing');
  if (grant === 'authorization_code' && !issuer && !authorizeUrl) {
    absent.push('issuer or authorizeUrl is missing');
  }
  if (!clientId) absent.push('clientId is missing');
  if (needsSecret(settings)) {
    absent.push('clientSecret is missing (or set clientAuth to none)');
  }
  if (grant === 'password' && !settings.username) absent.push('username is missing');
  if (grant === 'password' && !settings.password) absent.push('password is missing');
  return absent;
}

/** Whether there ought to be a secret and is none: only a login does without one unasked, as RFC 8252 has it. */
export function needsSecret({ grant, clientSecret, clientAuth }: Settings): boolean {
  const isPublic = clientAuth === undefined && grant === 'authorization_code';
  return !clientSecret && clientAuth !== 'none' && !isPublic;
}

function secret(value: string | Secret | undefined): Secret | undefined {
  return typeof value === 'string' ? new Secret(value) : value;
}
