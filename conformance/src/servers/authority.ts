import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { Upstream } from '../wire/recorder.ts';
import { keycloakUpstream } from '../wire/keycloak-upstream.ts';
import { type AdminApi, adminApi } from './keycloak/admin-api.ts';

export type Realm = 'korusticket' | 'korusticket-rotating';

const jwkSet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });
const introspection = z.object({ active: z.boolean() });

/** The running Keycloak as one worker uses it: behind recorders, and directly as an administrator. */
export class Authority {
  readonly upstream: Upstream;
  readonly #url: string;
  readonly #keycloak: ReturnType<typeof keycloakUpstream>;
  readonly #jwks = new Map<Realm, Promise<JSONWebKeySet>>();
  readonly #admin = new Map<Realm, AdminApi>();

  constructor(url: string) {
    this.#url = url;
    this.#keycloak = keycloakUpstream(url);
    this.upstream = this.#keycloak;
  }

  /** The realm's public keys, fetched once. */
  jwks(realm: Realm): Promise<JSONWebKeySet> {
    const known = this.#jwks.get(realm) ?? this.#fetchJwks(realm);
    this.#jwks.set(realm, known);
    return known;
  }

  admin(realm: Realm): AdminApi {
    const known = this.#admin.get(realm) ?? adminApi({ url: this.#url }, realm);
    this.#admin.set(realm, known);
    return known;
  }

  /**
   * Whether the server still takes a token for valid (RFC 7662).
   *
   * @param origin the recorder's, because a token is only valid under the issuer that it names.
   */
  async isActive(
    realm: Realm,
    origin: string,
    token: string,
    client: { id: string; secret: string },
  ): Promise<boolean> {
    const form = new URLSearchParams({ token, client_id: client.id, client_secret: client.secret });
    const answer = await this.upstream(
      {
        method: 'POST',
        target: `/realms/${realm}/protocol/openid-connect/token/introspect`,
        headers: [['Content-Type', 'application/x-www-form-urlencoded']],
        body: form.toString(),
      },
      origin,
    );
    return introspection.parse(JSON.parse(answer.body)).active;
  }

  close(): Promise<void> {
    return this.#keycloak.close();
  }

  async #fetchJwks(realm: Realm): Promise<JSONWebKeySet> {
    const target = `/realms/${realm}/protocol/openid-connect/certs`;
    const answer = await this.upstream({ method: 'GET', target, headers: [], body: '' }, this.#url);
    return jwkSet.parse(JSON.parse(answer.body));
  }
}
