import type { Config, Params, Result } from '../protocol/messages.ts';
import { Judgement, reach } from '../verdict/verdict.ts';
import type { AdapterProcess } from './adapter-process.ts';

export const CATALOGS_PATH = '/v1/ticketing/catalogs/';

/** One answer of the client under test, kept for the comparison with the wire. */
export type Answer =
  | { readonly method: 'token/get' | 'login/finish'; readonly result: Result<'token/get'> }
  | { readonly method: 'userinfo/get'; readonly result: Result<'userinfo/get'> }
  | { readonly method: 'api/request'; readonly result: Result<'api/request'> };

export type TokenOutcome = Result<'token/get'>;
export type ApiOutcome = Result<'api/request'>;
export type UserInfoOutcome = Result<'userinfo/get'>;
export type LogoutOutcome = Result<'session/logout'>;
type Ok<Outcome> = Extract<Outcome, { outcome: 'ok' }>;

/** A client under test, opened with one configuration. */
export class Client {
  readonly #adapter: AdapterProcess;
  readonly #handle: string;
  readonly #apiUrl: string;
  readonly #answers: Answer[];

  constructor(adapter: AdapterProcess, handle: string, config: Config, answers: Answer[]) {
    this.#adapter = adapter;
    this.#handle = handle;
    this.#apiUrl = config.api_url ?? '';
    this.#answers = answers;
  }

  /** Asks for a token and takes whatever comes. */
  async tryToken(options: Omit<Params<'token/get'>, 'client'> = {}): Promise<TokenOutcome> {
    const result = await this.#adapter.call('token/get', { client: this.#handle, ...options });
    this.#answers.push({ method: 'token/get', result });
    return result;
  }

  /** Asks for a token that the case needs: without one it is not reached. */
  async token(options: Omit<Params<'token/get'>, 'client'> = {}): Promise<Ok<TokenOutcome>> {
    return needed(await this.tryToken(options), 'a token');
  }

  /** Begins a login. @returns the authorization URL */
  async startLogin(): Promise<string> {
    return needed(await this.tryStartLogin(), 'an authorization URL').authorization_url;
  }

  /** Begins a login and takes whatever comes. */
  tryStartLogin(): Promise<Result<'login/start'>> {
    return this.#adapter.call('login/start', { client: this.#handle });
  }

  /**
   * Ends a login and takes whatever comes.
   *
   * @param callbackUrl what a person would paste; without it the client waits at its listener.
   * @param limitMs milliseconds in which it has to answer. Default: as every call.
   */
  async tryFinishLogin(callbackUrl?: string, limitMs?: number): Promise<TokenOutcome> {
    const pasted = callbackUrl !== undefined && { callback_url: callbackUrl };
    const asked = { client: this.#handle, ...pasted };
    const result = await this.#adapter.call('login/finish', asked, limitMs);
    this.#answers.push({ method: 'login/finish', result });
    return result;
  }

  /** Closes it early, which ends a login that is under way. */
  async close(): Promise<void> {
    await this.#adapter.call('client/close', { client: this.#handle });
  }

  /** Asks UserInfo and takes whatever comes. */
  async tryUserInfo(): Promise<UserInfoOutcome> {
    const result = await this.#adapter.call('userinfo/get', { client: this.#handle });
    this.#answers.push({ method: 'userinfo/get', result });
    return result;
  }

  /** Logs the person out, and takes whatever comes. */
  tryLogout(options: Omit<Params<'session/logout'>, 'client'> = {}): Promise<LogoutOutcome> {
    return this.#adapter.call('session/logout', { client: this.#handle, ...options });
  }

  /** Calls the API and takes whatever comes. */
  async tryCall(
    path: string = CATALOGS_PATH,
    options: { method?: string; body?: string } = {},
  ): Promise<ApiOutcome> {
    const { method = 'GET', body } = options;
    const result = await this.#adapter.call('api/request', {
      client: this.#handle,
      method,
      url: new URL(path, this.#apiUrl).href,
      ...(body !== undefined && { body }),
    });
    this.#answers.push({ method: 'api/request', result });
    return result;
  }

  /** Calls the API where the case needs the call to work. */
  async call(path?: string, options?: { method?: string; body?: string }): Promise<Ok<ApiOutcome>> {
    const done = needed(await this.tryCall(path, options), 'an answer of the API');
    reach(done.status === 200, 'status 200 from the API', done.status);
    return done;
  }
}

export function needed<Outcome extends { outcome: string }>(
  outcome: Outcome,
  what: string,
): Ok<Outcome> {
  if (outcome.outcome === 'ok') return outcome as Ok<Outcome>;
  throw new Judgement('not-reached', what, outcome);
}
