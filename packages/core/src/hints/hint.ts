/** The first entry that fits counts. A member that is missing fits everything. */
export interface Hint {
  readonly error?: string;
  /** The whole description, or its beginning and a `*`; empty where the server sends none. */
  readonly says?: string;
  readonly status?: number;
  readonly text: string;
}

export const LOGIN_AGAIN = 'the session is over: get a token with a new grant';
export const ONE_USER = 'let all processes share one token store';
export const FORM_BODY = 'send the parameters as a form in the body, with a grant_type';
