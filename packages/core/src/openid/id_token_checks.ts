import { createHash } from 'node:crypto';
import type { Claims, PreviousIdToken } from './claims.ts';
import { shown } from '../printable.ts';

// Section numbers are those of OpenID Connect Core 1.0.

/** What is wrong with a claim; `undefined` if nothing is. */
export type ClaimCheck = string | undefined;

const OLDEST_S = 3600;

/** Section 3.1.3.7, rule 2: the very same text, no prefix and no other form of the same URL. */
export function checkIssuer({ iss }: Claims, issuer: string): ClaimCheck {
  return iss === issuer ? undefined : `iss: expected ${shown(issuer)}, seen ${shown(iss)}`;
}

/** Section 2. */
export function checkSubject({ sub }: Claims): ClaimCheck {
  return typeof sub === 'string' && sub !== '' ? undefined : 'sub: expected a text, seen none';
}

/**
 * Section 3.1.3.7, rules 3 to 5: the client is an audience, every other audience is trusted, and `azp`, which says for whom of them
 * the token was issued, names the client.
 */
export function checkAudience(
  { aud, azp }: Claims,
  clientId: string,
  trusted: readonly string[] = [],
): ClaimCheck {
  const audiences: unknown[] = Array.isArray(aud) ? aud : [aud];
  if (!audiences.includes(clientId)) return `aud: expected ${shown(clientId)}, seen ${shown(aud)}`;
  const known = new Set<unknown>([clientId, ...trusted]);
  const foreign = audiences.filter((audience) => !known.has(audience));
  if (foreign.length > 0) return `aud: nobody trusts the audience ${shown(foreign[0])}`;
  if (azp === undefined && audiences.length === 1) return undefined;
  return azp === clientId ? undefined : `azp: expected ${shown(clientId)}, seen ${shown(azp)}`;
}

/** Section 3.1.3.7, rules 9 and 10; RFC 7519, section 4.1.5. The token was issued a moment ago, so an old `iat` is somebody else's. */
export function checkTimes({ exp, iat, nbf }: Claims, now: number, tolerance: number): ClaimCheck {
  if (!isTime(exp)) return `exp: expected a time, seen ${shown(exp)}`;
  if (!isTime(iat)) return `iat: expected a time, seen ${shown(iat)}`;
  if (exp + tolerance <= now) return `exp: expired ${ago(exp, now)}`;
  if (iat > now + tolerance) return `iat: issued ${ahead(iat, now)}`;
  if (iat < now - OLDEST_S - tolerance) return `iat: issued ${ago(iat, now)}`;
  if (nbf === undefined) return undefined;
  if (!isTime(nbf)) return `nbf: expected a time, seen ${shown(nbf)}`;
  return nbf > now + tolerance ? `nbf: valid ${ahead(nbf, now)}` : undefined;
}

/** Section 3.1.3.7, rule 11. The nonces are not shown: they tie a token to a browser session. */
export function checkNonce({ nonce }: Claims, sent: string | undefined): ClaimCheck {
  if (sent === undefined || nonce === sent) return undefined;
  return nonce === undefined ? 'nonce: one was sent, seen none' : 'nonce: another one was sent';
}

/** Section 3.1.3.7, rule 13. */
export function checkAuthenticationTime(
  { auth_time: authTime }: Claims,
  maxAge: number | undefined,
  now: number,
  tolerance: number,
): ClaimCheck {
  if (maxAge === undefined) return undefined;
  if (!isTime(authTime)) return `auth_time: expected a time, seen ${shown(authTime)}`;
  if (now - authTime <= maxAge + tolerance) return undefined;
  return `auth_time: expected at most ${maxAge} s ago, seen ${ago(authTime, now)}`;
}

/** Section 3.1.3.8. A hash of a token is no token, but it is not shown either. */
export function checkAccessTokenHash(
  { at_hash: hash }: Claims,
  accessToken: string | undefined,
  algorithm: string,
): ClaimCheck {
  if (hash === undefined || accessToken === undefined) return undefined;
  // Ed25519 names no hash function; it uses SHA-512 inside (RFC 8032, section 5.1), and so do servers here.
  const bits = /(?:256|384)$/.exec(algorithm)?.[0] ?? '512';
  const digest = createHash(`sha${bits}`).update(accessToken, 'ascii').digest();
  const expected = digest.subarray(0, digest.length / 2).toString('base64url');
  return hash === expected ? undefined : 'at_hash: it belongs to another access token';
}

/** Section 12.2: a refresh goes on with the same login. Who somebody is, is not shown. */
export function checkContinuity(claims: Claims, previous: PreviousIdToken): ClaimCheck {
  const { iss, sub, aud, auth_time: authTime, nonce } = claims;
  if (iss !== previous.iss) return `iss: at the login ${shown(previous.iss)}, now ${shown(iss)}`;
  if (sub !== previous.sub) return 'sub: somebody else than at the login';
  if (!sameAudience(aud, previous.aud)) {
    return `aud: at the login ${shown(previous.aud)}, now ${shown(aud)}`;
  }
  if (
    authTime !== undefined &&
    previous.auth_time !== undefined &&
    authTime !== previous.auth_time
  ) {
    return `auth_time: at the login ${shown(previous.auth_time)}, now ${shown(authTime)}`;
  }
  // A refreshed ID token needs none. One where the login had none cannot be the login's.
  if (nonce === undefined || nonce === previous.nonce) return undefined;
  return 'nonce: another one than at the login';
}

// One audience may be a text or an array of one, and an array has no order (RFC 7519, section 4.1.3).
function sameAudience(a: unknown, b: unknown): boolean {
  const [first, second] = [new Set([a].flat()), new Set([b].flat())];
  return first.size === second.size && first.isSubsetOf(second);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function ago(time: number, now: number): string {
  return `${Math.round(now - time)} s ago`;
}

function ahead(time: number, now: number): string {
  return `${Math.round(time - now)} s from now`;
}
