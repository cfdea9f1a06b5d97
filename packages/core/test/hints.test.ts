import { describe, expect, test } from 'vitest';
import { hintFor, type Refusal } from '../src/hints.ts';

type Row = [status: number, error: string | undefined, says: string | undefined, hint: RegExp];

function hint([httpStatus, oauthError, oauthDescription]: Row, endpoint: Refusal['endpoint']) {
  return hintFor({ oauthError, oauthDescription, httpStatus, endpoint });
}

const BAD_CLIENT = 'Invalid client or Invalid client credentials';
const CAF =
  'Client authentication failed (e.g., unknown client, no client authentication included, or unsupported authentication method)';
const PAG =
  'The provided authorization grant or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client';

const KEYCLOAK: Row[] = [
  [401, 'unauthorized_client', BAD_CLIENT, /secret is wrong/],
  [401, 'invalid_client', BAD_CLIENT, /no enabled client/],
  [400, 'unauthorized_client', 'Unexpected error when authenticating client', /form-encode/],
  [
    401,
    'unauthorized_client',
    'Client not enabled to retrieve service account',
    /"Service accounts/,
  ],
  [
    401,
    'unauthorized_client',
    'Public client not allowed to retrieve service account',
    /"Client auth/,
  ],
  [400, 'unauthorized_client', 'Client not allowed for direct access grants', /"Direct access/],
  [400, 'invalid_client', 'Client requires user consent', /"Consent required"/],
  [400, 'invalid_client', 'Parameter client_assertion_type is missing', /signed JWT/],
  [400, 'invalid_client', 'Token is not active', /client assertion has expired/],
  [400, 'invalid_grant', 'Token is not active', /refresh token has expired/],
  [400, 'invalid_grant', 'Session not active', /session is over/],
  [400, 'invalid_grant', "Session doesn't have required client", /share one token store/],
  [400, 'invalid_grant', 'Maximum allowed refresh token reuse exceeded', /share one token store/],
  [400, 'invalid_grant', 'Stale token', /new grant/],
  [400, 'invalid_grant', 'Invalid refresh token', /no refresh token of this realm/],
  [
    400,
    'invalid_grant',
    "Invalid refresh token. Token client and authorized client don't match",
    /client that got/,
  ],
  [400, 'invalid_grant', "Invalid token issuer. Expected 'http://127.0.0.1:1/r'", /issuer URL/],
  [400, 'invalid_grant', 'Invalid user credentials', /password is wrong/],
  [400, 'invalid_grant', 'Account disabled', /enable the user/],
  [400, 'invalid_grant', 'User disabled', /enable the user/],
  [400, 'invalid_grant', 'Account is not fully set up', /"Required user actions"/],
  [400, 'invalid_grant', 'Code not valid', /once/],
  [400, 'invalid_grant', 'Incorrect redirect_uri', /redirect_uri/],
  [400, 'invalid_grant', 'PKCE verification failed: Code mismatch', /code_verifier/],
  [400, 'invalid_grant', 'PKCE code verifier not specified', /code_verifier/],
  [400, 'invalid_scope', 'Invalid scopes: openid foo', /"Client scopes"/],
  [400, 'invalid_request', 'duplicated parameter', /once/],
  [400, 'invalid_request', 'Missing form parameter: grant_type', /form/],
  [400, 'unsupported_token_type', 'Unsupported token type', /revoked/],
  [404, 'Realm does not exist', undefined, /realm/],
  [403, 'Invalid origin', undefined, /"Web origins"/],
];

const DJANGO: Row[] = [
  [401, 'invalid_client', undefined, /not its hash/],
  [400, 'invalid_client', CAF, /redirect URI/],
  [400, 'invalid_grant', 'Invalid credentials given.', /password is wrong/],
  [400, 'invalid_grant', undefined, /used up/],
  [400, 'invalid_grant', PAG, /used up/],
  [400, 'unsupported_grant_type', undefined, /form/],
  [400, 'unauthorized_client', undefined, /"Authorization grant type"/],
  [400, 'invalid_scope', undefined, /scopes that the server knows/],
  [400, 'invalid_request', 'Request is missing password parameter.', /password/],
  [400, 'invalid_request', 'Code verifier required.', /code_verifier/],
  [400, 'invalid_request', 'Mismatching redirect URI.', /redirect_uri/],
  [
    403,
    'access_denied',
    'The resource owner or authorization server denied the request.',
    /password/,
  ],
  [301, undefined, undefined, /final slash/],
];

const API: Row[] = [
  [403, 'insufficient_scope', 'Missing openid scope', /openid/],
  [401, 'invalid_token', 'user_session_not_found', /session is over/],
  [401, 'invalid_token', 'Token verification failed', /expired/],
  [401, 'invalid_token', 'The access token has expired.', /refresh sooner/],
  [401, 'invalid_token', 'something else', /expired/],
  [403, 'insufficient_scope', undefined, /scope that allows/],
];

describe('hintFor()', () => {
  test.each(KEYCLOAK)('Keycloak: %i %s %s', (...row) => {
    expect(hint(row, 'token')).toMatch(row[3]);
  });

  test.each(DJANGO)('Django: %i %s %s', (...row) => {
    expect(hint(row, 'token')).toMatch(row[3]);
  });

  test.each(API)('API: %i %s %s', (...row) => {
    expect(hint(row, 'api')).toMatch(row[3]);
  });

  test('discovery', () => {
    expect(hint([404, 'Realm does not exist', undefined, /./], 'discovery')).toMatch(/realm/);
    expect(hint([404, undefined, undefined, /./], 'discovery')).toMatch(/\/realms\//);
    expect(hint([500, undefined, undefined, /./], 'discovery')).toBeUndefined();
  });

  test('what nobody has seen yet has no hint', () => {
    expect(hint([400, 'something_new', 'Something new', /./], 'token')).toBeUndefined();
    expect(hint([400, 'constructor', '__proto__', /./], 'token')).toBeUndefined();
    expect(hint([503, undefined, undefined, /./], 'api')).toBeUndefined();
  });

  test('nothing that the server says gets into a hint', () => {
    for (const says of ['Invalid scopes: marker', "Invalid token issuer. Expected 'marker'"]) {
      const error = says.startsWith('Invalid scopes') ? 'invalid_scope' : 'invalid_grant';
      expect(hint([400, error, says, /./], 'token')).toMatch(/^(?!.*marker)./);
    }
  });

  test('every hint is one short sentence without a full stop', () => {
    for (const row of [...KEYCLOAK, ...DJANGO]) {
      expect(hint(row, 'token')).toMatch(/^[^\n]{5,160}[^.\n]$/);
    }
  });
});
