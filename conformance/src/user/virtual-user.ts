import { parse } from 'node-html-parser';
import { CookieJar } from 'tough-cookie';
import { ask } from '../servers/ask.ts';
import type { RealmUser } from '../trial/clients.ts';
import { Judgement } from '../verdict/verdict.ts';

// Login, perhaps a consent page, and a redirect before or after each.
const MOST_STEPS = 8;
// The buttons of consent pages: Keycloak's, then Django's.
const ACCEPT = '[name=accept], [name=allow]';
const DECLINE = '[name=cancel]';
const LONGEST_PAGE = 64 * 1024;

/** A page as a person sees it. */
export interface Page {
  readonly url: URL;
  readonly status: number;
  readonly text: string;
}

/** What the browser came to: the redirect URI of the client, or a page of the server that leads no further. */
export type Journey = { readonly callback: URL } | { readonly stuck: Page };

export interface Choices {
  /** At the consent page. Default: accept. */
  readonly decline?: boolean;
}

/** A person in front of a browser without scripts: follows redirects, keeps cookies, fills in the login form, answers the consent page. */
export class VirtualUser {
  readonly #person: RealmUser;
  // Keycloak marks its cookies Secure also on http://127.0.0.1, which browsers take for secure, and so does this jar (by default).
  readonly #cookies = new CookieJar();

  constructor(person: RealmUser) {
    this.#person = person;
  }

  /**
   * Goes to an authorization URL and on, as far as the server leads. The callback itself is not visited.
   *
   * @throws Error when the server leads in circles or does not answer; Judgement `not-reached` when nobody answers at the URL itself.
   */
  async authorize(authorizationUrl: string, { decline = false }: Choices = {}): Promise<Journey> {
    const { origin } = new URL(authorizationUrl);
    let page = await this.#go(authorizationUrl).catch((error: Error) => {
      const expected = 'an authorization URL where a server answers';
      throw new Judgement('not-reached', expected, error.message);
    });
    for (let step = 0; step < MOST_STEPS; step++) {
      const next = this.#next(page, decline);
      if (!next) return { stuck: page };
      if (next.url.origin !== origin) return { callback: next.url };
      page = await this.#go(next.url.href, next.form);
    }
    throw new Error(`the server at ${origin} leads in circles`);
  }

  /**
   * Visits a client's callback.
   *
   * @returns `undefined` where nobody answers: a listener may be gone by right, and if it is not, the client says what is wrong.
   */
  async tryVisit(url: URL): Promise<Page | undefined> {
    return this.#go(url.href).catch(() => undefined);
  }

  #next(page: Fetched, decline: boolean): { url: URL; form?: URLSearchParams } | undefined {
    if (page.location) return { url: new URL(page.location, page.url) };
    const form = parse(page.text).querySelector('form[method]');
    if (!form) return undefined;
    // Without an action it goes where the page came from.
    const action = form.getAttribute('action') ?? page.url.href;
    const fields = new URLSearchParams();
    for (const input of form.querySelectorAll('input[type=hidden]'))
      fields.set(input.getAttribute('name') ?? '', input.getAttribute('value') ?? '');
    if (form.querySelector('input[name=password]')) {
      // The form again, with a message, says that the person was refused.
      if (page.submitted?.has('password')) return undefined;
      fields.set('username', this.#person.username);
      fields.set('password', this.#person.password);
    } else {
      const button = form.querySelector(decline ? DECLINE : ACCEPT);
      // Django's button to decline has no name.
      if (!button && !decline) return undefined;
      if (button) fields.set(button.getAttribute('name') ?? '', button.getAttribute('value') ?? '');
    }
    return { url: new URL(action, page.url), form: fields };
  }

  async #go(url: string, form?: URLSearchParams): Promise<Fetched> {
    const { status, headers, text } = await ask(url, {
      method: form ? 'POST' : 'GET',
      body: form ?? null,
      redirect: 'manual',
      headers: { Cookie: await this.#cookies.getCookieString(url), Accept: 'text/html' },
    });
    for (const cookie of headers.getSetCookie())
      await this.#cookies.setCookie(cookie, url, { ignoreError: true });
    return {
      url: new URL(url),
      status,
      text: text.slice(0, LONGEST_PAGE),
      location: headers.get('Location'),
      submitted: form,
    };
  }
}

interface Fetched extends Page {
  readonly location: string | null;
  readonly submitted: URLSearchParams | undefined;
}
