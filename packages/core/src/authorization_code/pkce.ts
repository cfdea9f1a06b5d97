import { createHash } from 'node:crypto';
import { unguessable } from './unguessable.ts';

/** A new `code_verifier` (RFC 7636, section 4.1): one for every request, a failed one included. */
export function newVerifier(): string {
  return unguessable();
}

/**
 * The `code_challenge` of a verifier with the method S256 (RFC 7636, section 4.2). There is no `plain` here, and no way back to it:
 * whoever reads the request would hold the verifier (RFC 7636, section 7.2).
 */
export function s256Challenge(verifier: string): string {
  return createHash('sha256').update(verifier, 'ascii').digest('base64url');
}
