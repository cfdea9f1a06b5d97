import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/**
 * A text nobody can guess: 32 random bytes in base64url, 43 characters. RFC 6749, section 10.10 asks for 128 bits or more; the alphabet
 * is the one a `code_verifier` may have (RFC 7636, section 4.1) and needs no escaping in a URL.
 */
export function unguessable(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares without telling by its duration how much was right. Digests have one length, so lengths tell nothing either. */
export function sameText(one: string, other: string): boolean {
  return timingSafeEqual(digest(one), digest(other));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
