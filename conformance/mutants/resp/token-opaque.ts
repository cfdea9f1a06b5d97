import { edit, mutants } from '../../src/mutants/mutant.ts';

const FILE = 'token_response.ts';
const LIFETIME = "    expiresIn: seconds(json['expires_in']) || undefined,";
const REFRESH = "    refreshToken: nonEmpty(json['refresh_token']),";
const REFRESH_LIFETIME = "    refreshExpiresIn: seconds(json['refresh_expires_in']) || undefined,";
const SCOPE = "    scope: nonEmpty(json['scope']),";
const claims = (token: string): string =>
  `((jwt) => { try { return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8')); } catch { return undefined; } })(String(${token}))`;
const ACCESS_CLAIMS = claims('accessToken');
const REFRESH_CLAIMS = claims("json['refresh_token']");
const left = (payload: string): string => `(${payload}?.exp - Date.now() / 1000)`;
const demanding = (payload: string, line: string): string =>
  `${line}\n    ...(${payload} ?? (() => { throw unusable('it is no JWT'); })()) && {},`;

// Keycloak's own tokens say what its answers say. These rules have its answer changed, and wait for the end of a life.
const collateral = [
  'cache.margin',
  'cache.clock.elapsed',
  'refresh.single-flight',
  'resp.expires-in.string',
];

export default mutants({
  a: edit(FILE, LIFETIME, demanding(ACCESS_CLAIMS, LIFETIME), 'demands a JWT as access token'),
  'a-refresh': edit(
    FILE,
    REFRESH,
    demanding(`(json['refresh_token'] ? ${REFRESH_CLAIMS} : {})`, REFRESH),
    'demands a JWT as refresh token',
  ),
  'a-ignored': edit(
    FILE,
    REFRESH,
    `    refreshToken: ${REFRESH_CLAIMS} && nonEmpty(json['refresh_token']),`,
    'takes no refresh token but a JWT',
  ),
  b: edit(
    FILE,
    LIFETIME,
    `    expiresIn: Math.max(0.001, Math.min(seconds(json['expires_in']) || NaN, ${left(ACCESS_CLAIMS)})) || seconds(json['expires_in']) || undefined,`,
    'renews an access token when its exp says so',
  ),
  'b-refresh': edit(
    FILE,
    REFRESH_LIFETIME,
    `    refreshExpiresIn: ${left(REFRESH_CLAIMS)} < 0 ? 0.001 : seconds(json['refresh_expires_in']) || undefined,`,
    'does not send a refresh token whose exp is past',
  ),
  'b-longer': edit(
    FILE,
    LIFETIME,
    `    expiresIn: Math.max(seconds(json['expires_in']) || NaN, ${left(ACCESS_CLAIMS)}) || seconds(json['expires_in']) || undefined,`,
    'uses an access token as long as its exp lets it',
    { collateral },
  ),
  'b-issued': edit(
    FILE,
    LIFETIME,
    `    expiresIn: ${ACCESS_CLAIMS}?.exp - ${ACCESS_CLAIMS}?.iat || seconds(json['expires_in']) || undefined,`,
    'takes the lifetime out of the access token',
    { collateral },
  ),
  'b-longer-refresh': edit(
    FILE,
    REFRESH_LIFETIME,
    `    refreshExpiresIn: ${left(REFRESH_CLAIMS)} || seconds(json['refresh_expires_in']) || undefined,`,
    'sends a refresh token as long as its exp lets it',
  ),
  c: edit(
    'openid/openid_provider.ts',
    'const { sub } = await claimsOf(idToken.reveal());',
    'const { sub } = await claimsOf(accessToken.reveal());',
    'finds the user in the access token',
  ),
  'c-scope': edit(
    FILE,
    SCOPE,
    `    scope: nonEmpty(json['scope']) ?? nonEmpty(${ACCESS_CLAIMS}?.scope),`,
    'finds the scopes in the access token',
    { collateral: ['resp.scope.absent'] },
  ),
});
