import type { CryptoKey, JWSHeaderParameters, LocalJWKSet } from 'jose';
import { type Clock, systemClock } from '../clock.ts';
import { oauthError } from '../error_classes.ts';
import { OAuthError } from '../errors.ts';
import type { Transport } from '../exchange.ts';
import { jsonObject } from '../json.ts';

const COOL_DOWN_MS = 30_000;
const MAX_AGE_MS = 600_000;

/** Where keys come from that may verify a signature. */
export interface VerificationKeys {
  /**
   * The keys that fit a JWS header by `kid`, `kty`, `alg`, `use` and curve, one after another: without a `kid` it may be any of several
   * (OpenID Connect Core 1.0, section 10.1).
   *
   * @throws OAuthError `metadata_error` and what the transport throws, if the keys cannot be had.
   */
  candidates(header: JWSHeaderParameters): AsyncIterable<CryptoKey>;
}

/**
 * The keys of an issuer, from its `jwks_uri`. They are kept for ten minutes, so that a withdrawn key does not stay good for ever. An
 * unknown `kid` means that the issuer may have changed its keys and asks again (section 10.1.1), once in 30 seconds at most: or junk in a
 * header would cost the issuer a request each.
 */
export class IssuerKeys implements VerificationKeys {
  readonly #url: URL;
  readonly #transport: Transport;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #keys: LocalJWKSet | undefined;
  #underWay: Promise<LocalJWKSet> | undefined;
  #fetchedAt = 0;
  #lookedAgainAt = Number.NEGATIVE_INFINITY;

  /** Nothing is sent yet. */
  constructor(url: URL, transport: Transport, clock: Pick<Clock, 'monotonic'> = systemClock) {
    this.#url = url;
    this.#transport = transport;
    this.#clock = clock;
  }

  async *candidates(header: JWSHeaderParameters): AsyncGenerator<CryptoKey> {
    const known = this.#keys;
    const keys = await this.#current();
    let found = false;
    for await (const key of matching(keys, header)) {
      found = true;
      yield key;
    }
    // Keys that were fetched for this very header are as new as they get.
    if (keys !== known || (found && header.kid !== undefined)) return;
    const newer = await this.#newerThan(keys);
    if (newer) yield* matching(newer, header);
  }

  async #current(): Promise<LocalJWKSet> {
    if (!this.#keys) return this.#fetch();
    if (this.#clock.monotonic() - this.#fetchedAt < MAX_AGE_MS) return this.#keys;
    try {
      return (await this.#newerThan(this.#keys)) ?? this.#keys;
    } catch (error) {
      // The issuer has just signed something: better its keys of a while ago than to throw its tokens away.
      if (error instanceof OAuthError) return this.#keys;
      throw error;
    }
  }

  async #newerThan(keys: LocalJWKSet): Promise<LocalJWKSet | undefined> {
    if (this.#keys !== keys) return this.#keys;
    // Who comes while an answer is under way gets it too.
    if (this.#underWay) return this.#underWay;
    const now = this.#clock.monotonic();
    if (now - this.#lookedAgainAt < COOL_DOWN_MS) return undefined;
    this.#lookedAgainAt = now;
    return this.#fetch();
  }

  #fetch(): Promise<LocalJWKSet> {
    this.#underWay ??= this.#fetched().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #fetched(): Promise<LocalJWKSet> {
    this.#keys = await fetchKeys(this.#url, this.#transport);
    this.#fetchedAt = this.#clock.monotonic();
    return this.#keys;
  }
}

async function fetchKeys(url: URL, transport: Transport): Promise<LocalJWKSet> {
  const { createLocalJWKSet } = await import('jose');
  const accept = 'application/jwk-set+json, application/json';
  const { status, text } = await transport(url, { headers: { Accept: accept } });
  const keys = status === 200 ? jsonObject(text)?.['keys'] : undefined;
  if (!Array.isArray(keys)) {
    const what = `GET ${url.origin}${url.pathname}: HTTP ${status}`;
    throw oauthError('metadata_error', `${what}, not a JSON Web Key Set`, { httpStatus: status });
  }
  // RFC 7517, section 5: what is no key that is understood is ignored, not an error.
  return createLocalJWKSet({ keys: keys.filter((key) => typeof key === 'object' && key !== null) });
}

async function* matching(
  keys: LocalJWKSet,
  header: JWSHeaderParameters,
): AsyncGenerator<CryptoKey> {
  const { errors } = await import('jose');
  try {
    yield await keys(header);
  } catch (error) {
    // Whatever else is wrong with a key or a header, it is no key for this header.
    if (error instanceof errors.JWKSMultipleMatchingKeys) yield* error;
  }
}
