import { oauthError } from '../error_classes.ts';

/** What an authorization request says (RFC 6749, section 4.1.1; RFC 7636, section 4.3). */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  /** Scopes, separated by spaces. */
  readonly scope?: string | undefined;
  readonly state: string;
  /** Goes along when the scope holds `openid`, since only an ID token answers it (OpenID Connect Core 1.0, section 3.1.2.1). */
  readonly nonce?: string | undefined;
  /** The S256 challenge. */
  readonly challenge: string;
  /** Further parameters, such as `prompt`, `login_hint` or `audience`. */
  readonly extra?: Readonly<Record<string, string | undefined>> | undefined;
}

// What the answer is checked against, and how it has to come back: a caller's value would undo the check or miss the listener.
const OWN: ReadonlySet<string> = new Set([
  'response_type',
  'response_mode',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
]);

/**
 * The URL to send the browser to. The endpoint's own query is kept (RFC 6749, section 3.1), but no parameter occurs twice: where the
 * query names one of the request's, the request's counts. PKCE is always part of it, whatever the kind of client and whatever the
 * metadata says (RFC 9700, section 2.1.1).
 *
 * @param endpoint the authorization endpoint.
 * @throws OAuthError `config_error` when `extra` names a parameter that the request sets itself.
 */
export function authorizationUrl(endpoint: URL, request: AuthorizationRequest): URL {
  const { scope, nonce, extra = {} } = request;
  const reserved = Object.keys(extra).filter((name) => OWN.has(name));
  if (reserved.length > 0) {
    throw oauthError(
      'config_error',
      `extra parameters of the login must not be ${reserved.join(', ')}: the login rules these itself`,
    );
  }
  const parameters = new URLSearchParams(
    given({
      response_type: 'code',
      client_id: request.clientId,
      redirect_uri: request.redirectUri,
      scope,
      state: request.state,
      nonce: asksForIdToken(scope) ? nonce : undefined,
      code_challenge: request.challenge,
      code_challenge_method: 'S256',
      ...extra,
    }),
  );
  const url = new URL(endpoint);
  // Its own pieces stay as they are spelt: parsing and printing them again would change `%20` to `+` and `flag` to `flag=`.
  const kept = url.search.slice(1).split('&').filter(Boolean);
  const others = kept.filter((piece) => !parameters.has(nameOf(piece)));
  url.search = [...others, parameters.toString()].join('&');
  // An endpoint has no fragment (RFC 6749, section 3.1).
  url.hash = '';
  return url;
}

/** Whether the scope makes this an OpenID Connect request (OpenID Connect Core 1.0, section 3.1.2.1). */
export function asksForIdToken(scope: string | undefined): boolean {
  return scope?.split(' ').includes('openid') ?? false;
}

function nameOf(piece: string): string {
  return new URLSearchParams(piece).keys().next().value ?? '';
}

// A parameter without a value counts as omitted (RFC 6749, section 3.1), so it is left out.
function given(fields: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(fields).filter((entry): entry is [string, string] => !!entry[1]);
  return Object.fromEntries(entries);
}
