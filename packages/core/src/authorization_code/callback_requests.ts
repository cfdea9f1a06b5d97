import { OAuthError } from '../errors.ts';
import { type ExpectedCallback, carriesState, readCallback } from './authorization_response.ts';
import { type Page, page } from './callback_page.ts';

/** The parts of an HTTP request that decide about it. */
export interface CallbackRequest {
  readonly method?: string | undefined;
  /** The request target, as it came. */
  readonly url?: string | undefined;
  readonly host?: string | undefined;
}

/** What the browser is shown, and how the login ended if this request ended it. */
export interface Verdict {
  readonly page: Page;
  readonly outcome?: { readonly code: string } | { readonly error: OAuthError };
}

const LONGEST_TARGET = 8 * 1024;

/** Judges the requests that reach the redirect URI of one login: one of them is its callback, all others are none of its business. */
export class CallbackRequests {
  readonly #redirectUri: URL;
  readonly #expected: ExpectedCallback;
  #answered = false;
  #foreign = 0;

  constructor(redirectUri: string, expected: ExpectedCallback) {
    this.#redirectUri = new URL(redirectUri);
    this.#expected = expected;
  }

  /** How many callbacks came without the login's state. */
  get foreign(): number {
    return this.#foreign;
  }

  judge({ method, url = '', host }: CallbackRequest): Verdict {
    // A page whose name was pointed at 127.0.0.1 (DNS rebinding) says so in Host; nobody registered that name.
    if (host !== this.#redirectUri.host) return stray(400, 'This address belongs to a login.');
    if (url.length > LONGEST_TARGET) return stray(414, 'The address is too long.');
    if (url.split('?', 1)[0] !== this.#redirectUri.pathname) return stray(404, 'Nothing is here.');
    if (method !== 'GET') return notAllowed();
    const callback = new URL(this.#redirectUri.origin + url);
    if (!carriesState(callback, this.#expected.state)) {
      this.#foreign += 1;
      return stray(400, 'This does not belong to the login that is under way. It goes on.');
    }
    // The state is spent, and with it the code (RFC 6749, section 4.1.2).
    if (this.#answered) return stray(410, 'This login was answered before. Close this window.');
    this.#answered = true;
    return this.#read(callback);
  }

  #read(callback: URL): Verdict {
    try {
      const code = readCallback(callback, this.#expected);
      const text = 'Close this window and go back to the program: it goes on from here.';
      return { page: page(200, 'You have logged in', text), outcome: { code } };
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      return { page: page(400, 'The login failed', error.message), outcome: { error } };
    }
  }
}

function stray(status: number, text: string): Verdict {
  return { page: page(status, 'Not a login', text) };
}

function notAllowed(): Verdict {
  const refused = page(405, 'Not a login', 'Only GET is answered here.');
  return { page: { ...refused, headers: { ...refused.headers, Allow: 'GET' } } };
}
