/** Fields of a token request; one without a value is left out (RFC 6749, section 3.2: an empty one counts as omitted). */
export type GrantFields = Readonly<Record<string, string | undefined>> & {
  readonly grant_type: string;
};

/** How to start over: what is sent to the token endpoint when there is no refresh token that would do. */
export interface Grant {
  /** Its name in settings and in the store's keys. */
  readonly name: string;
  /** Whose tokens these are, where the grant names a user. */
  readonly user?: string | undefined;
  /** Whether only a person can start over. */
  readonly needsPerson?: boolean | undefined;
  /**
   * The fields of the token request.
   *
   * @throws OAuthError `login_required` where only a person can start over.
   */
  fields(): GrantFields;
}
