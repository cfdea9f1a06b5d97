// Speaks the adapter protocol (docs/protocol.md) for TokenClient. No token logic of its own.
import { inspect } from 'node:util';
import manifest from '../package.json' with { type: 'json' };
import { OAuthError, type Settings, type Token, TokenClient } from '../src/index.ts';

type Json = Record<string, unknown>;
type Request = { id?: unknown; method: string; params?: Json };
type ApiCall = { method: string; headers?: Record<string, string>; body?: string };
type Opened = { client: TokenClient; debug: boolean };

class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const handshake = {
  protocol_version: 1,
  name: 'typescript',
  language: 'TypeScript',
  runtime: `Node ${process.versions.node}`,
  library: manifest.name,
  version: manifest.version,
  capabilities: ['client_credentials', 'refresh', 'discovery', 'concurrent', 'api_retry'],
};
const clients = new Map<string, Opened>();

const debugLine = (line: string): void => void process.stderr.write(`${line}\n`);

function opened(params: Json): Opened {
  const found = clients.get(String(params['client']));
  if (!found) throw new RpcError(-32602, 'no open client of that name');
  return found;
}

function settings(config: Json): Settings {
  const camelCase = (name: string) =>
    name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  const named = Object.entries(config).map(([name, value]) => [camelCase(name), value]);
  return {
    ...(Object.fromEntries(named) as Settings),
    log: config['debug'] === true ? debugLine : undefined,
  };
}

function described(token: Token): Json {
  return {
    token_type: token.tokenType,
    scope: token.scope,
    expires_in: token.expiresIn,
    has_refresh_token: token.refreshToken !== undefined,
    has_id_token: token.idToken !== undefined,
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
    const token = await client.getToken({
      minValidity: params['min_validity'] as number | undefined,
      forceRefresh: params['force_refresh'] as boolean | undefined,
    });
    const printed = `${inspect([client, token])} ${JSON.stringify(token)} ${String(token.accessToken)}`;
    if (debug) debugLine(printed);
    return described(token);
  },
  'api/request': async (params) => {
    const { method, headers = {}, body = null } = params as ApiCall;
    const init = { method, headers, body };
    const response = await opened(params).client.fetch(String(params['url']), init);
    return { status: response.status, body: await response.text() };
  },
  'client/close': (params) => {
    opened(params);
    clients.delete(String(params['client']));
    return {};
  },
};

async function answer({ id = null, method, params = {} }: Request): Promise<Json> {
  const message = { jsonrpc: '2.0', id };
  try {
    const call = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (!call) throw new RpcError(-32601, `unknown method ${method}`);
    const result = await call(params);
    return { ...message, result: result === handshake ? result : { outcome: 'ok', ...result } };
  } catch (error) {
    if (error instanceof OAuthError) {
      return { ...message, result: { outcome: 'error', error: reported(error) } };
    }
    const code = error instanceof RpcError ? error.code : -32603;
    return { ...message, error: { code, message: String(error) } };
  }
}

function reported(error: OAuthError): Json {
  return {
    class: error.class,
    oauth_error: error.oauthError,
    oauth_description: error.oauthDescription,
    http_status: error.httpStatus,
    message: error.message,
  };
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
