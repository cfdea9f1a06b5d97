import { createHash, randomBytes } from 'node:crypto';
import { ask } from '../servers/ask.ts';
import type { Behind } from '../servers/server.ts';
import { CLIENTS, type PublicClient, type RealmClient, USERS } from '../trial/clients.ts';
import type { Stage } from '../trial/stage.ts';
import { VirtualUser } from '../user/virtual-user.ts';
import { type Exchange, jsonBody } from '../wire/exchange.ts';

// Nobody listens there: the browser's way ends before it.
export const REDIRECT_URI = 'http://127.0.0.1:9/callback';

const OPENID = 'openid profile email';

type Fields = Readonly<Record<string, string>>;

interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams;
}

/** How a login by hand differs from a right one. */
export interface RawLogin {
  readonly client?: RealmClient | PublicClient;
  /** Changes the authorization request. */
  readonly edit?: (parameters: URLSearchParams) => void;
}

/** Requests written by hand, through a stage's recorder. */
export class RawRequests {
  readonly stage: Stage;
  /** The code_verifier of the logins by hand. */
  readonly verifier = randomBytes(32).toString('base64url');

  constructor(stage: Stage) {
    this.stage = stage;
  }

  get behind(): Behind {
    return { origin: new URL(this.stage.tokenUrl).origin, realm: this.stage.realm };
  }

  /** @throws Error when nobody answers. */
  async send(url: string, request: RawRequest = {}): Promise<Exchange> {
    const from = this.stage.wire.length;
    await ask(url, {
      method: request.method ?? 'GET',
      redirect: 'manual',
      ...(request.headers && { headers: { ...request.headers } }),
      ...(request.body !== undefined && { body: request.body }),
    });
    const exchange = this.stage.wire[from];
    if (!exchange) throw new Error(`${url} is not behind the stage's recorders`);
    return exchange;
  }

  /** A request to the token endpoint, as a form. */
  token(fields: Fields, headers: Fields = {}): Promise<Exchange> {
    const body = new URLSearchParams(fields);
    return this.send(this.stage.tokenUrl, { method: 'POST', body, headers });
  }

  /** The same with HTTP Basic, where id and secret come in the spelling that they are given in. */
  basic(fields: Fields, id: string, secret: string, scheme = 'Basic'): Promise<Exchange> {
    const credentials = Buffer.from(`${id}:${secret}`).toString('base64');
    return this.token(fields, { Authorization: `${scheme} ${credentials}` });
  }

  /** The fields by which a program without a person gets tokens at this server, without those of the client. */
  get grant(): Record<string, string> {
    const { grant, username, password } = this.stage.authority.service;
    return {
      grant_type: grant,
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
    };
  }

  /** Tokens for a program. */
  service(client: RealmClient = CLIENTS.service, more: Fields = {}): Promise<Exchange> {
    return this.token({ ...this.grant, ...credentials(client), ...more });
  }

  refresh(
    refreshToken: string,
    client: RealmClient | PublicClient = CLIENTS.service,
    more: Fields = {},
  ): Promise<Exchange> {
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
    return this.token({ ...fields, ...credentials(client), ...more });
  }

  authorizationUrl({ client = CLIENTS.native, edit }: RawLogin = {}): string {
    const url = new URL(this.stage.endpoints.authorization);
    const { scope = '' } = this.stage.authority.login(this.behind);
    const challenge = createHash('sha256').update(this.verifier).digest('base64url');
    for (const [name, value] of Object.entries({
      response_type: 'code',
      client_id: client.id,
      redirect_uri: REDIRECT_URI,
      scope,
      state: randomBytes(16).toString('base64url'),
      nonce: randomBytes(16).toString('base64url'),
      code_challenge: challenge,
      code_challenge_method: 'S256',
    }))
      url.searchParams.set(name, value);
    edit?.(url.searchParams);
    return url.href;
  }

  /** The browser's way from an authorization request: the last answer of the server, and the callback if it came to one. */
  async browse(login: RawLogin = {}): Promise<{ exchange: Exchange; callback?: URL }> {
    const journey = await new VirtualUser(USERS.ada).authorize(this.authorizationUrl(login));
    const exchange = this.stage.wire.at(-1);
    if (!exchange) throw new Error('the browser asked nobody');
    return { exchange, ...('callback' in journey && { callback: journey.callback }) };
  }

  /** A login as far as its code. @throws Error with what came instead. */
  async code(login: RawLogin = {}): Promise<string> {
    const { callback, exchange } = await this.browse(login);
    const code = callback?.searchParams.get('code');
    if (!code)
      throw new Error(`no code at ${this.stage.authority.name}: HTTP ${exchange.response?.status}`);
    return code;
  }

  /** The exchange of a code. */
  redeem(
    code: string,
    more: Fields = {},
    client: RealmClient | PublicClient = CLIENTS.native,
  ): Promise<Exchange> {
    return this.token({
      grant_type: 'authorization_code',
      code,
      redirect_uri: REDIRECT_URI,
      code_verifier: this.verifier,
      ...credentials(client),
      ...more,
    });
  }

  /** Tokens of a person. */
  async login(login: RawLogin = {}): Promise<Exchange> {
    return this.redeem(await this.code(login), {}, login.client);
  }

  /** The same with the scope of OpenID Connect, also where clients are not given it. */
  openIdLogin(client?: PublicClient): Promise<Exchange> {
    return this.login({
      ...(client && { client }),
      edit: (parameters) => parameters.set('scope', OPENID),
    });
  }

  /** The server's own metadata, also where clients are not given it. */
  async metadata(document = 'openid-configuration'): Promise<Exchange> {
    const issuer = this.stage.endpoints.issuer ?? `${this.behind.origin}/o`;
    return this.send(`${issuer}/.well-known/${document}`);
  }

  /** UserInfo; without a token if there is none. @throws Error at a server that has none. */
  async userInfo(token?: string): Promise<Exchange> {
    const url = member(await this.metadata(), 'userinfo_endpoint');
    return this.send(url, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    });
  }
}

/** A member of a JSON answer. @throws Error when it is no text. */
export function member(exchange: Exchange, name: string): string {
  const value = jsonBody(exchange.response)?.[name];
  if (typeof value === 'string') return value;
  throw new Error(
    `no ${name} in the answer with HTTP ${exchange.response?.status} to ${exchange.request.method} ${exchange.request.target.split('?')[0]}`,
  );
}

function credentials(client: RealmClient | PublicClient): Fields {
  return {
    client_id: client.id,
    ...('secret' in client && { client_secret: client.secret }),
  };
}
