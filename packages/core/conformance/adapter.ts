// Speaks the adapter protocol (docs/protocol.md) for TokenClient. No token logic of its own.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { OAuthError, type Settings, type Token, TokenClient } from '../src/index.ts';

type Json = Record<string, unknown>;
type Opened = { client: TokenClient; debug: boolean };

class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const manifest = JSON.parse(
  readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
) as Json;
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
  initialize: () => ({
    protocol_version: 1,
    name: 'typescript',
    language: 'TypeScript',
    runtime: `Node ${process.versions.node}`,
    library: manifest['name'],
    version: manifest['version'],
    capabilities: ['client_credentials', 'refresh', 'discovery', 'concurrent', 'api_retry'],
  }),
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
    if (debug)
      debugLine(
        `${inspect(client)}\n${inspect(token)}\n${JSON.stringify(token)}\n${token.accessToken}`,
      );
    return described(token);
  },
  'api/request': async (params) => {
    const { method, headers, body } = params as {
      method: string;
      headers?: Record<string, string>;
      body?: string;
    };
    const response = await opened(params).client.fetch(String(params['url']), {
      method,
      ...(headers && { headers }),
      ...(body !== undefined && { body }),
    });
    return { status: response.status, body: await response.text() };
  },
  'client/close': (params) => {
    opened(params);
    clients.delete(String(params['client']));
    return {};
  },
};

async function answer(line: string): Promise<Json> {
  const {
    id = null,
    method,
    params = {},
  } = JSON.parse(line) as { id?: unknown; method: string; params?: Json };
  const call = Object.hasOwn(methods, method) ? methods[method] : undefined;
  try {
    if (!call) throw new RpcError(-32601, `unknown method ${method}`);
    const result = await call(params);
    return {
      jsonrpc: '2.0',
      id,
      result: method === 'initialize' ? result : { outcome: 'ok', ...result },
    };
  } catch (error) {
    if (error instanceof OAuthError)
      return { jsonrpc: '2.0', id, result: { outcome: 'error', error: reported(error) } };
    const code = error instanceof RpcError ? error.code : -32603;
    return {
      jsonrpc: '2.0',
      id,
      error: { code, message: error instanceof Error ? error.message : 'failed' },
    };
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
  for (const line of lines)
    void answer(line).then((message) => process.stdout.write(`${JSON.stringify(message)}\n`));
}
