import type { CryptoKey, ProtectedHeaderParameters } from 'jose';
import type { OAuthError } from '../errors.ts';
import { printable, shown } from '../printable.ts';
import { jsonObject } from '../json.ts';
import type { Claims } from './claims.ts';
import type { VerificationKeys } from './jwks.ts';

/** What is trusted to sign. */
export interface Signer {
  /** The issuer's keys. */
  readonly keys: VerificationKeys;
  /** What the issuer's metadata lists for this kind of JWT. Default: RS256. Algorithms that are not asymmetric are never taken. */
  readonly allowedAlgorithms?: readonly string[] | undefined;
}

// With `none` there is no signature, and with HMAC whoever knows the public key, or the client secret, could sign
// (RFC 8725, section 2.1): no metadata and no header may choose them.
const ASYMMETRIC = /^(?:[RP]S(?:256|384|512)|ES(?:256|384|512)|EdDSA|Ed25519)$/;

/**
 * Verifies the signature of a JWT (RFC 7519, section 7.2). Keys come from the issuer only: `jwk`, `jku`, `x5c` and `x5u` of the header are
 * not looked at.
 *
 * @param refuse makes the error, from what is wrong.
 * @returns the claims, with nothing checked about them yet, and the algorithm.
 * @throws OAuthError made by `refuse`; what the keys throw.
 */
export async function verifySignature(
  jwt: string,
  { keys, allowedAlgorithms = ['RS256'] }: Signer,
  refuse: (why: string) => OAuthError,
): Promise<{ readonly claims: Claims; readonly algorithm: string }> {
  const header = await decodedHeader(jwt);
  if (!header) throw refuse('it is not a signed JWT');
  const { alg } = header;
  if (typeof alg !== 'string' || !ASYMMETRIC.test(alg) || !allowedAlgorithms.includes(alg)) {
    const allowed = allowedAlgorithms.filter((name) => ASYMMETRIC.test(name)).join(', ');
    throw refuse(`alg: expected ${printable(allowed) || 'an asymmetric one'}, seen ${shown(alg)}`);
  }
  // RFC 7515, section 4.1.11: no extension is understood here, `b64` neither (RFC 7797, section 7).
  if (header.crit !== undefined) throw refuse('its header has critical extensions');
  let tried = false;
  for await (const key of keys.candidates({ ...header, alg })) {
    tried = true;
    const payload = await verifiedPayload(jwt, key, alg);
    if (payload === undefined) continue;
    const claims = jsonObject(payload);
    if (!claims) throw refuse('its payload is not a JSON object');
    return { claims, algorithm: alg };
  }
  throw refuse(
    tried
      ? `the signature is not the issuer's (alg ${alg}, kid ${shown(header.kid)})`
      : `the issuer has no key for alg ${alg}, kid ${shown(header.kid)}`,
  );
}

async function decodedHeader(jwt: string): Promise<ProtectedHeaderParameters | undefined> {
  const { decodeProtectedHeader } = await import('jose');
  try {
    // Five parts are an encrypted one (RFC 7516, section 3.1).
    return jwt.split('.').length === 3 ? decodeProtectedHeader(jwt) : undefined;
  } catch {
    return undefined;
  }
}

/** jose's errors could carry the payload: only the fact of a failure leaves this place. */
async function verifiedPayload(
  jwt: string,
  key: CryptoKey,
  alg: string,
): Promise<string | undefined> {
  const { compactVerify } = await import('jose');
  try {
    const { payload } = await compactVerify(jwt, key, { algorithms: [alg] });
    return new TextDecoder().decode(payload);
  } catch {
    return undefined;
  }
}
