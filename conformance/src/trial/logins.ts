import type { Client, TokenOutcome } from '../adapter/client.ts';
import { needed } from '../adapter/client.ts';
import { setTimeout as pause } from 'node:timers/promises';
import { type Choices, type Page, VirtualUser } from '../user/virtual-user.ts';
import { Judgement } from '../verdict/verdict.ts';
import { type RealmUser, USERS } from './clients.ts';

// Discovery of keys, the exchange and the check of the ID token, on a machine in trouble.
const WORK_MS = 30_000;
// A refused callback ends a login at once, or not at all.
const GRACE_MS = 15_000;

export interface LoginOptions extends Choices {
  readonly user?: RealmUser;
  /** What becomes of the callback on its way to the client. */
  readonly edit?: (callback: URL) => void;
}

/** How a login went. */
export interface LoggedIn {
  /** Where the browser was sent. */
  readonly authorizationUrl: string;
  readonly callback: URL;
  readonly outcome: TokenOutcome;
}

/**
 * Logs a person in: start, browser, callback to the client's own listener, end. The callback is sent when the client waits for it, since one that does
 * one thing at a time answers its listener only then.
 */
export async function login(client: Client, options: LoginOptions = {}): Promise<LoggedIn> {
  const { authorizationUrl, callback, user } = await loginUpToCallback(client, options);
  const finishing = client.tryFinishLogin();
  const page = await user.tryVisit(callback);
  return { authorizationUrl, callback, outcome: await endOf(client, finishing, page) };
}

/** How a login ends. One that goes on waiting after its callback was refused is closed, or it would wait for minutes. */
export async function endOf(
  client: Client,
  finishing: Promise<TokenOutcome>,
  page: Pick<Page, 'status'> | undefined,
): Promise<TokenOutcome> {
  const accepted = page !== undefined && page.status < 400;
  const limit = pause(accepted ? WORK_MS : GRACE_MS, undefined, { ref: false });
  const first = await Promise.race([finishing, limit]);
  if (first) return first;
  await client.close();
  return finishing;
}

/** The same where the case needs the login to work. */
export async function loggedIn(client: Client, options?: LoginOptions): Promise<LoggedIn> {
  const done = await login(client, options);
  needed(done.outcome, 'a login');
  return done;
}

/** The login as far as the browser's way back to the client. */
export async function loginUpToCallback(
  client: Client,
  { user: person = USERS.ada, edit, decline = false }: LoginOptions = {},
): Promise<Omit<LoggedIn, 'outcome'> & { readonly user: VirtualUser }> {
  const authorizationUrl = await client.startLogin();
  const user = new VirtualUser(person);
  const journey = await user.authorize(authorizationUrl, { decline });
  if ('stuck' in journey) {
    const { status, text } = journey.stuck;
    const title = /<title>([^<]*)/.exec(text)?.[1]?.trim() ?? '';
    throw new Judgement('not-reached', 'an authorization request that leads to the callback', {
      status,
      title,
    });
  }
  const { callback } = journey;
  edit?.(callback);
  return { authorizationUrl, callback, user };
}
