/**
 * What is kept of one login or one service's token, in the members and units of docs/token-file.md. Times are seconds since
 * 1970-01-01T00:00:00Z, so that another process, another language and another day can read them.
 */
export interface StoredTokens {
  readonly access_token: string;
  readonly token_type: 'Bearer';
  /** Granted scopes, separated by spaces. */
  readonly scope?: string | undefined;
  readonly issued_at: number;
  /** Missing: the server did not say how long the token lives. */
  readonly expires_at?: number | undefined;
  readonly refresh_token?: string | undefined;
  readonly refresh_expires_at?: number | undefined;
  readonly id_token?: string | undefined;
  /**
   * Written before the refresh token is sent and gone with the answer. Where it is found, a refresh was sent whose answer nobody has
   * seen: the refresh token may be spent.
   */
  readonly refresh_sent_at?: number | undefined;
}

/** What a store holds for a key, and which version of it that is. */
export interface Versioned {
  readonly tokens: StoredTokens | undefined;
  /** Opaque; another one whenever something else is stored. */
  readonly version: string;
}

/** Exclusive use of a key. */
export interface Lease {
  /** Aborts when the store cannot vouch for the lease any longer: whatever is saved then may be refused. */
  readonly signal: AbortSignal;
}

/**
 * Where tokens are kept. One store may hold many keys and be shared by processes and machines; a key names issuer, client, grant, user and
 * scopes. `lease` keeps two of them from sending one refresh token twice, `save` notices if that failed.
 */
export interface TokenStore {
  /**
   * Damaged content counts as nothing, and is reported without being shown.
   *
   * @throws OAuthError `config_error` where somebody else's content stands, or that of a later version: nothing of it must be lost.
   */
  load(key: string): Promise<Versioned>;
  /**
   * Replaces what is stored, whole or not at all, durably where the store is durable. Called within a lease only.
   *
   * @param tokens `undefined` removes the key.
   * @param version of what it replaces.
   * @returns the new version; `undefined`, and stores nothing, if something else was stored meanwhile.
   */
  save(key: string, tokens: StoredTokens | undefined, version: string): Promise<string | undefined>;
  /**
   * Runs work while nobody else who shares the store has a lease of the key.
   *
   * @throws OAuthError `timeout` when the lease cannot be had; whatever the work throws.
   */
  lease<Result>(key: string, work: (lease: Lease) => Promise<Result>): Promise<Result>;
}

export interface KeyParts {
  /** The issuer, else the token endpoint. */
  readonly server: string;
  readonly clientId: string;
  readonly grant: string;
  readonly user?: string | undefined;
  /** Scopes that are asked for, separated by spaces, in any order. */
  readonly scope?: string | undefined;
  /** Further parameters of every token request. */
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

/**
 * The key of docs/token-file.md: five percent-encoded parts, separated by spaces; scopes sorted and joined by `+`. A sixth, `name=value` sorted and
 * joined by `&`, where there are further parameters.
 */
export function storeKey({
  server,
  clientId,
  grant,
  user = '',
  scope = '',
  parameters = {},
}: KeyParts): string {
  const scopes = [...new Set(scope.split(' ').filter(Boolean))].toSorted();
  const parts = [server, clientId, grant, user].map(encode);
  const further = Object.entries(parameters).map((pair) => pair.map(encode).join('='));
  const last = further.length > 0 ? [further.toSorted().join('&')] : [];
  return [...parts, scopes.map(encode).join('+'), ...last].join(' ');
}

// RFC 3986, section 2.3: nothing but unreserved characters stays as it is.
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
