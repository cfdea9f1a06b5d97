/** The members of a JWT's payload, or of a UserInfo answer. */
export type Claims = Readonly<Record<string, unknown>>;

/** The claims of an ID token that passed every check (OpenID Connect Core 1.0, section 2). */
export interface IdTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  /** Seconds since 1970. */
  readonly exp: number;
  /** Seconds since 1970. */
  readonly iat: number;
  /** Seconds since 1970. */
  readonly auth_time?: number;
  readonly nonce?: string;
  readonly [claim: string]: unknown;
}

/** What is remembered of the ID token of a login, to compare those of later refreshes with it (section 12.2). */
export type PreviousIdToken = Pick<IdTokenClaims, 'iss' | 'sub' | 'aud'> & {
  readonly auth_time?: number | undefined;
  readonly nonce?: string | undefined;
};

/** The claims of UserInfo about the user of an ID token (OpenID Connect Core 1.0, section 5.3.2). */
export type UserInfoClaims = Claims & { readonly sub: string };
