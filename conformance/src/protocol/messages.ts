// The adapter protocol, version 1. These schemas judge both directions and are the source of the published JSON Schema.
import { z } from 'zod';

export const PROTOCOL_VERSION = 1;

export const CAPABILITIES = [
  'client_credentials',
  'password',
  'authorization_code',
  'refresh',
  'discovery',
  'openid',
  'store',
  'shared_store',
  'concurrent',
  'api_retry',
  'revocation',
  'introspection',
  'logout',
  'device',
  'token_exchange',
  'private_key_jwt',
  'dpop',
  'par',
  'tls',
  'cool_down',
] as const;
const capability = z.enum(CAPABILITIES);
export type Capability = z.infer<typeof capability>;

const ERROR_CLASSES = [
  'config_error',
  'invalid_client',
  'invalid_grant',
  'invalid_scope',
  'login_required',
  'access_denied',
  'state_mismatch',
  'issuer_mismatch',
  'metadata_error',
  'invalid_response',
  'invalid_id_token',
  'invalid_userinfo',
  'unauthorized',
  'forbidden',
  'rate_limited',
  'unavailable',
  'timeout',
  'network',
  'tls',
] as const;

const handle = z.string().min(1);
const seconds = z.number().nonnegative();

/** The settings of docs/samples.md in lower case without prefix. */
const config = z.strictObject({
  grant: z.enum(['client_credentials', 'authorization_code', 'password']),
  issuer: z.string().optional(),
  token_url: z.string().optional(),
  refresh_url: z.string().optional(),
  authorize_url: z.string().optional(),
  userinfo_url: z.string().optional(),
  jwks_url: z.string().optional(),
  client_id: z.string(),
  client_secret: z.string().optional(),
  client_auth: z.enum(['basic', 'post', 'none']).optional(),
  scope: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  /** Of the loopback listener; default: any free one. */
  redirect_port: z.int().min(0).max(65_535).optional(),
  api_url: z.string().optional(),
  /** Where tokens are kept (docs/token-file.md). */
  token_file: z.string().optional(),
  debug: z.boolean().optional(),
});
export type Config = z.infer<typeof config>;

const clientError = z.strictObject({
  class: z.enum(ERROR_CLASSES),
  oauth_error: z.string().optional(),
  oauth_description: z.string().optional(),
  http_status: z.int().optional(),
  required_scope: z.string().optional(),
  message: z.string(),
});
const failed = z.strictObject({ outcome: z.literal('error'), error: clientError });

function outcome<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.discriminatedUnion('outcome', [
    z.strictObject({ outcome: z.literal('ok'), ...shape }),
    failed,
  ]);
}

const token = outcome({
  token_type: z.string(),
  scope: z.array(z.string()),
  expires_in: seconds.optional(),
  has_refresh_token: z.boolean(),
  has_id_token: z.boolean(),
});

/** Parameters and result of every method. */
export const methods = {
  initialize: {
    params: z.strictObject({ protocol_version: z.literal(PROTOCOL_VERSION) }),
    result: z.strictObject({
      protocol_version: z.literal(PROTOCOL_VERSION),
      name: z.string().min(1),
      language: z.string().min(1),
      runtime: z.string(),
      library: z.string(),
      version: z.string(),
      capabilities: z.array(capability),
    }),
  },
  'client/open': { params: z.strictObject({ client: handle, config }), result: outcome({}) },
  'token/get': {
    params: z.strictObject({
      client: handle,
      min_validity: seconds.optional(),
      force_refresh: z.boolean().optional(),
    }),
    result: token,
  },
  'api/request': {
    params: z.strictObject({
      client: handle,
      method: z.string(),
      url: z.string(),
      headers: z.record(z.string(), z.string()).optional(),
      body: z.string().optional(),
    }),
    result: outcome({ status: z.int(), body: z.string() }),
  },
  'login/start': {
    params: z.strictObject({ client: handle }),
    result: outcome({ authorization_url: z.url() }),
  },
  'login/finish': {
    params: z.strictObject({ client: handle, callback_url: z.string().optional() }),
    result: token,
  },
  'userinfo/get': {
    params: z.strictObject({ client: handle }),
    result: outcome({ claims: z.record(z.string(), z.unknown()) }),
  },
  'session/logout': {
    params: z.strictObject({
      client: handle,
      post_logout_redirect_uri: z.url().optional(),
      state: z.string().optional(),
    }),
    /** Where the browser ends the session at the server. */
    result: outcome({ logout_url: z.url().optional() }),
  },
  'client/close': { params: z.strictObject({ client: handle }), result: outcome({}) },
} as const;

type Methods = typeof methods;
export type MethodName = keyof Methods;
export type Params<Name extends MethodName> = z.input<Methods[Name]['params']>;
export type Result<Name extends MethodName> = z.output<Methods[Name]['result']>;
export type Handshake = Result<'initialize'>;
export type ClientError = z.infer<typeof clientError>;

const rpcVersion = z.literal('2.0');
const id = z.int().nonnegative();

export const request = z.strictObject({
  jsonrpc: rpcVersion,
  id,
  method: z.string(),
  params: z.record(z.string(), z.unknown()).optional(),
});

export const response = z.union([
  z.strictObject({ jsonrpc: rpcVersion, id, result: z.unknown() }),
  z.strictObject({
    jsonrpc: rpcVersion,
    id: id.nullable(),
    error: z.strictObject({ code: z.int(), message: z.string(), data: z.unknown().optional() }),
  }),
]);
