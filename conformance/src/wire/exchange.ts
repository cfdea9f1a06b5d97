/** One HTTP exchange as the recorder saw it. Times are milliseconds since its stage was opened. */
export interface Exchange {
  readonly endpoint: Endpoint;
  readonly request: RecordedRequest;
  /** When the request's head arrived. */
  readonly at: number;
  /** What the server answered; missing when a fault answered in its place. */
  upstream?: RecordedResponse;
  /** What the client was sent; missing while the answer is held back, or when the client hung up. */
  response?: RecordedResponse;
  /** When the last byte of the answer was written. */
  answeredAt?: number;
  /** Whether the client closed the connection in the middle of a long answer. */
  hungUp?: boolean;
}

export type Endpoint =
  | 'token'
  | 'discovery'
  | 'jwks'
  | 'authorization'
  | 'userinfo'
  | 'revocation'
  | 'end_session'
  | 'api'
  | 'other';

export interface RecordedRequest {
  readonly method: string;
  /** Path and query as they stood on the request line. */
  readonly target: string;
  /** Names and values in the order and the case in which they came. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface RecordedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: string;
  /** What is no text, such as the picture of a login page, as it came; `body` is empty then. */
  readonly bytes?: Buffer;
}

export function header(request: RecordedRequest, name: string): string | undefined {
  return headers(request, name)[0];
}

export function headers(request: RecordedRequest, name: string): string[] {
  const wanted = name.toLowerCase();
  return request.headers.filter(([n]) => n.toLowerCase() === wanted).map(([, value]) => value);
}

export function path(request: RecordedRequest): string {
  return request.target.split('?')[0] ?? '';
}

export function query(request: RecordedRequest): string {
  return request.target.split('?').slice(1).join('?');
}

/** The form fields of a request's body (RFC 6749, appendix B). */
export function form(request: RecordedRequest): URLSearchParams {
  return new URLSearchParams(request.body);
}

/** The token of an `Authorization: Bearer` header, in whatever case its scheme is spelt. */
export function bearer(request: RecordedRequest): string | undefined {
  return /^bearer +(\S+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
}

/** Client id and secret of HTTP Basic, each form-decoded (RFC 6749, section 2.3.1). */
export function basicCredentials(
  request: RecordedRequest,
): { clientId: string; clientSecret: string } | undefined {
  const encoded = /^basic +(\S+)$/i.exec(header(request, 'authorization') ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return {
    clientId: formDecode(text.slice(0, colon)),
    clientSecret: formDecode(text.slice(colon + 1)),
  };
}

function formDecode(text: string): string {
  return new URLSearchParams(`value=${text.replaceAll('&', '%26')}`).get('value') ?? '';
}

type Json = Readonly<Record<string, unknown>>;

// What waits for something on the wire looks at every exchange again and again.
const parsed = new WeakMap<object, Json | undefined>();

/** A JSON object, or `undefined`: what a recorded body holds is nobody's error here. */
export function jsonBody(message: { readonly body: string } | undefined): Json | undefined {
  if (!message) return undefined;
  if (!parsed.has(message)) parsed.set(message, parse(message.body));
  return parsed.get(message);
}

function parse(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Json)
      : undefined;
  } catch {
    return undefined;
  }
}
