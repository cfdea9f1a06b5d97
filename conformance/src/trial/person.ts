import { setTimeout as pause } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { type Choices, type Page, VirtualUser } from '../user/virtual-user.ts';
import { type RealmUser, USERS } from './clients.ts';

// A JVM needs 2 s on a busy machine until it says anything.
const SPEAK_LIMIT_MS = 40_000;
const LOOK_MS = 20;

export interface PersonChoices extends Choices {
  readonly user?: RealmUser;
  /** Somebody else visits the listener first, with this change of the callback. */
  readonly forge?: (callback: URL) => void;
}

export interface PersonWent {
  /** The URL that the program printed. */
  readonly printedUrl?: string;
  /** What the listener answered to the callback; missing where nobody listens. */
  readonly page?: Page;
  readonly forgedPage?: Page;
}

/** A person beside a program that wants a login: reads the URL, logs in, and brings the answer. */
export class Person {
  readonly #choices: PersonChoices;
  went: PersonWent = {};

  constructor(choices: PersonChoices) {
    this.#choices = choices;
  }

  /**
   * @param said everything that the program has written to standard error so far; `undefined` when it has ended.
   */
  async accompany(stdin: Writable, said: () => string | undefined): Promise<void> {
    const printedUrl = await this.#printedUrl(said);
    if (printedUrl === undefined) return void stdin.end();
    this.went = { printedUrl };
    const { user: person = USERS.ada, forge, ...choices } = this.#choices;
    const user = new VirtualUser(person);
    const journey = await user.authorize(printedUrl, choices);
    if ('stuck' in journey) return void stdin.end();
    const { callback } = journey;
    const forged = new URL(callback);
    forge?.(forged);
    const forgedPage = forge && (await user.tryVisit(forged));
    const page = await user.tryVisit(callback);
    this.went = { printedUrl, ...(page && { page }), ...(forgedPage && { forgedPage }) };
    // Where nobody listens, the person copies the address from the browser.
    stdin.end(page ? '' : `${(forge ? forged : callback).href}\n`);
  }

  async #printedUrl(said: () => string | undefined): Promise<string | undefined> {
    for (let waited = 0; waited < SPEAK_LIMIT_MS; waited += LOOK_MS) {
      const text = said();
      if (text === undefined) return undefined;
      const url = /^Log in at: (\S+)\s*$/m.exec(text)?.[1];
      if (url) return url;
      await pause(LOOK_MS);
    }
    return undefined;
  }
}
