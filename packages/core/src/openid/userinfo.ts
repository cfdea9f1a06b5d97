import { bearerChallenge } from '../challenge.ts';
import { oauthError } from '../error_classes.ts';
import type { ErrorClass, OAuthError } from '../errors.ts';
import type { Answer, Transport } from '../exchange.ts';
import { hintFor } from '../hints.ts';
import { retryAfterSeconds } from '../retry_after.ts';
import type { Secret } from '../secret.ts';
import { jsonObject } from '../json.ts';
import type { Claims, UserInfoClaims } from './claims.ts';
import { checkAudience, checkIssuer } from './id_token_checks.ts';
import { type Signer, verifySignature } from './signed_jwt.ts';

/** Who may sign UserInfo, and for whom. `allowedAlgorithms`: the metadata's `userinfo_signing_alg_values_supported`. */
export interface UserInfoSigner extends Signer {
  readonly issuer: string;
  readonly clientId: string;
}

/**
 * Asks the UserInfo endpoint about the user (OpenID Connect Core 1.0, section 5.3). The token goes into the header only
 * (RFC 6750, section 2.1).
 *
 * @param expectedSub the `sub` of the verified ID token: an answer about anybody else must not be used (section 5.3.2).
 * @param signer verifies an answer that is a JWT.
 * @throws OAuthError `invalid_userinfo` if the answer is about somebody else, or signed and not the issuer's for this client;
 *   `unauthorized` for 401, `forbidden` for 403, `rate_limited` for 429, `unavailable` for 5xx, `invalid_response` for any other answer that
 *   is no JSON object; what the transport throws.
 */
export async function requestUserInfo(
  url: URL,
  accessToken: Secret,
  expectedSub: string,
  transport: Transport,
  signer: UserInfoSigner,
): Promise<UserInfoClaims> {
  const what = `GET ${url.origin}${url.pathname}`;
  const headers = {
    Accept: 'application/json, application/jwt',
    Authorization: `Bearer ${accessToken.reveal()}`,
  };
  const answer = await transport(url, { headers });
  if (answer.status !== 200) throw refusal(answer, what, accessToken);
  const refuse = (why: string) =>
    oauthError('invalid_userinfo', `${what}: ${why}`, { httpStatus: 200, delivery: 'answered' });
  const claims = isJwt(answer) ? await signedClaims(answer.text, signer, refuse) : plain(answer);
  if (!claims) {
    throw oauthError('invalid_response', `${what}: HTTP 200, but not a JSON object`, {
      httpStatus: 200,
      delivery: 'answered',
    });
  }
  if (!isAbout(claims, expectedSub)) throw refuse('its sub is not that of the ID token');
  return claims;
}

function isAbout(claims: Claims, sub: string): claims is UserInfoClaims {
  return claims['sub'] === sub && sub !== '';
}

function plain({ text }: Answer): Claims | undefined {
  return jsonObject(text);
}

function isJwt({ headers }: Answer): boolean {
  const mediaType = headers.get('Content-Type')?.split(';')[0];
  return mediaType?.trim().toLowerCase() === 'application/jwt';
}

/** Section 5.3.2: what is signed says by whom and for whom. */
async function signedClaims(
  jwt: string,
  signer: UserInfoSigner,
  refuse: (why: string) => OAuthError,
): Promise<Claims> {
  const { claims } = await verifySignature(jwt.trim(), signer, refuse);
  const wrong = checkIssuer(claims, signer.issuer) ?? checkAudience(claims, signer.clientId);
  if (wrong !== undefined) throw refuse(wrong);
  return claims;
}

function refusal({ status, headers }: Answer, what: string, sent: Secret): OAuthError {
  const challenge = bearerChallenge(headers, [sent]);
  const { error, errorDescription, scope } = challenge === 'none' ? {} : challenge;
  const said = [error, errorDescription].filter(Boolean).join(': ');
  const server = { oauthError: error, oauthDescription: errorDescription, httpStatus: status };
  return oauthError(classOf(status), `${what}: HTTP ${status}${said && `, ${said}`}`, {
    ...server,
    requiredScope: scope,
    retryAfter: retryAfterSeconds(headers.get('Retry-After'), new Date()),
    delivery: 'answered',
    hint: hintFor({ ...server, endpoint: 'api' }),
  });
}

function classOf(status: number): ErrorClass {
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'unavailable' : 'invalid_response';
}
