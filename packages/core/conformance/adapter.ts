// Speaks the adapter protocol (docs/protocol.md) for TokenClient. No token logic of its own.
import { inspect } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import type { PendingLogin, Settings } from '../src/index.ts';
import { described, type Json, reported } from './outcome.ts';
import type { ApiCall } from './undici/api_request.ts';
import { FileStore, OAuthError, TokenClient } from '../src/index.ts';

type Request = { id?: unknown; method: string; params?: Json };
type TokenCall = { min_validity?: number; force_refresh?: boolean };
type Leave = { post_logout_redirect_uri?: string; state?: string };
type Opened = { client: TokenClient; debug: boolean; login?: PendingLogin };

class InvalidParams extends Error {}

// Whose name is `undici` in implementation.json: only calls of the API are made in another way.
const undici = process.argv[2] === 'undici' ? await import('./undici/api_request.ts') : undefined;

const handshake = {
  protocol_version: 1,
  name: undici ? 'typescript-undici' : 'typescript',
  language: 'TypeScript',
  runtime: `Node ${process.versions.node}`,
  library: manifest.name,
  version: manifest.version,
  capabilities: undici
    ? ['client_credentials', 'password', 'refresh', 'concurrent', 'api_retry']
    : `client_credentials password authorization_code openid refresh discovery concurrent api_retry
    store shared_store revocation logout cool_down`.split(/\s+/),
};
const clients = new Map<string, Opened>();
const debugLine = (line: string): void => void process.stderr.write(`${line}\n`);

function opened(params: Json): Opened {
  const found = clients.get(String(params['client']));
  if (!found) throw new InvalidParams('no open client of that name');
  return found;
}

function settings(config: Json): Settings {
  const camelCase = (name: string) => name.replaceAll(/_./g, (two) => two.charAt(1).toUpperCase());
  const named = Object.entries(config).map(([name, value]) => [camelCase(name), value]);
  return {
    ...(Object.fromEntries(named) as Settings),
    store: 'token_file' in config ? new FileStore(String(config['token_file'])) : undefined,
    log: config['debug'] === true ? debugLine : undefined,
  };
}

const methods: Record<string, (params: Json) => Json | Promise<Json>> = {
  initialize: () => handshake,
  'client/open': (params) => {
    const config = params['config'] as Json;
    const client = new TokenClient(settings(config));
    const debug = config['debug'] === true;
    clients.set(String(params['client']), { client, debug });
    if (debug) debugLine(inspect(client));
    return {};
  },
  'token/get': async (params) => {
    const { client, debug } = opened(params);
    const { min_validity: minValidity, force_refresh: forceRefresh } = params as TokenCall;
    const token = await client.getToken({ minValidity, forceRefresh });
    const printed = `${inspect([client, token])} ${JSON.stringify(token)} ${String(token.accessToken)}`;
    if (debug) debugLine(printed);
    return described(token);
  },
  'api/request': async (params) => {
    const call = params as unknown as ApiCall;
    const { client } = opened(params);
    if (undici) return { ...(await undici.requestThroughInterceptor(client, call)) };
    const { url, method, headers = {}, body = null } = call;
    const response = await client.fetch(url, { method, headers, body });
    return { status: response.status, body: await response.text() };
  },
  'login/start': async (params) => {
    const login = await opened(params).client.startLogin();
    opened(params).login = login;
    return { authorization_url: login.authorizationUrl.href };
  },
  'login/finish': async (params) => {
    const { login } = opened(params);
    if (!login) throw new InvalidParams('no login was started');
    return described(await login.finish(params['callback_url'] as string | undefined));
  },
  'userinfo/get': async (params) => ({ claims: await opened(params).client.userInfo() }),
  'session/logout': async (params) => {
    const { post_logout_redirect_uri: postLogoutRedirectUri, state } = params as Leave;
    const url = await opened(params).client.logout({ postLogoutRedirectUri, state });
    return { logout_url: url?.href };
  },
  'client/close': async (params) => {
    await opened(params).login?.cancel();
    clients.delete(String(params['client']));
    return {};
  },
};

async function answer({ id = null, method, params = {} }: Request): Promise<Json> {
  const message = { jsonrpc: '2.0', id };
  const call = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (!call) return { ...message, error: { code: -32601, message: `unknown method ${method}` } };
  try {
    const result = await call(params);
    return { ...message, result: result === handshake ? result : { outcome: 'ok', ...result } };
  } catch (error) {
    if (error instanceof OAuthError) return { ...message, result: reported(error) };
    const code = error instanceof InvalidParams ? -32602 : -32603;
    return { ...message, error: { code, message: String(error) } };
  }
}

// Not readline: it also ends a line at U+2028, which a message may hold.
let rest = '';
for await (const chunk of process.stdin.setEncoding('utf8') as AsyncIterable<string>) {
  const lines = (rest + chunk).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const answered = answer(JSON.parse(line) as Request);
    void answered.then((message) => process.stdout.write(`${JSON.stringify(message)}\n`));
  }
}
