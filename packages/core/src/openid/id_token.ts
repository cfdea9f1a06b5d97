import { type Clock, systemClock } from '../clock.ts';
import { oauthError } from '../error_classes.ts';
import {
  type ClaimCheck,
  checkAccessTokenHash,
  checkAudience,
  checkAuthenticationTime,
  checkContinuity,
  checkIssuer,
  checkNonce,
  checkSubject,
  checkTimes,
} from './id_token_checks.ts';
import type { IdTokenClaims, PreviousIdToken } from './claims.ts';
import { type Signer, verifySignature } from './signed_jwt.ts';

/** What an ID token must be. */
export interface IdTokenExpectations extends Signer {
  readonly issuer: string;
  readonly clientId: string;
  /** What the authentication request sent; `undefined` if it sent none, or if this is a refresh. */
  readonly nonce: string | undefined;
  /** Audiences that may stand beside the client. Default: none. */
  readonly trustedAudiences?: readonly string[] | undefined;
  /** Seconds; the `max_age` of the authentication request. Then `auth_time` must be there and no older. */
  readonly maxAge?: number | undefined;
  /** The access token of the same answer, for `at_hash`. */
  readonly accessToken?: string | undefined;
  /** Seconds that the clocks may differ. Default 30. */
  readonly clockToleranceSeconds?: number | undefined;
  /** Where this ID token came with a refresh: the one of the login. */
  readonly previous?: PreviousIdToken | undefined;
  readonly clock?: Pick<Clock, 'wall'> | undefined;
}

const CLOCK_TOLERANCE_S = 30;

/**
 * Verifies an ID token that came from the token endpoint (OpenID Connect Core 1.0, sections 3.1.3.7, 3.1.3.8 and 12.2), the signature too:
 * TLS would do by the letter, but not behind a proxy that ends it.
 *
 * @returns its claims.
 * @throws OAuthError `invalid_id_token`, naming the claim; `metadata_error` and what the transport throws, if the keys cannot be had.
 */
export async function verifyIdToken(
  idToken: string,
  expectations: IdTokenExpectations,
): Promise<IdTokenClaims> {
  const refuse = (why: string) => oauthError('invalid_id_token', `ID token refused: ${why}`);
  const { claims, algorithm } = await verifySignature(idToken, expectations, refuse);
  const { clientId, clock = systemClock, previous } = expectations;
  const tolerance = expectations.clockToleranceSeconds ?? CLOCK_TOLERANCE_S;
  const now = clock.wall() / 1000;
  const checks: readonly ClaimCheck[] = [
    checkIssuer(claims, expectations.issuer),
    checkSubject(claims),
    checkAudience(claims, clientId, expectations.trustedAudiences),
    checkTimes(claims, now, tolerance),
    checkNonce(claims, expectations.nonce),
    checkAuthenticationTime(claims, expectations.maxAge, now, tolerance),
    checkAccessTokenHash(claims, expectations.accessToken, algorithm),
    previous && checkContinuity(claims, previous),
  ];
  const wrong = checks.find((why) => why !== undefined);
  if (wrong !== undefined) throw refuse(wrong);
  return claims as IdTokenClaims;
}
