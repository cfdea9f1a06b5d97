import { createHmac, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto';
import type { RecordedResponse } from './exchange.ts';

/** How an ID token is forged on its way to the client. */
export interface Forgery {
  /** Claims that are set or, with `undefined`, removed; made of what the server signed. Default: none. */
  readonly claims?: (signed: Readonly<Record<string, unknown>>) => Record<string, unknown>;
  /**
   * How the result is signed. Default `forge`: by a key that the rewritten JWKS lists beside the server's, so that nothing but the claims is wrong.
   * `stranger`: by a key that it does not list, under the server's `kid`. `broken`: the server's own signature over other claims. `empty`: none, with the
   * server's header. `unknown`: the server's own, under a `kid` that nobody has seen before. `hmac`: HS256 with the listed public key as its secret. Any
   * other text is put into `alg`, with no signature.
   */
  readonly signature?:
    'forge' | 'stranger' | 'broken' | 'empty' | 'unknown' | 'hmac' | 'none' | 'nOnE';
}

const KID = 'forge';

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}
let own: KeyPair | undefined;

/** A key takes a tenth of a second to make, and one is as good as another. */
function ownKeys(): KeyPair {
  own ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return own;
}

/** The server's key set with the forge's key in it. */
export function mergedKeySet(answer: RecordedResponse): RecordedResponse {
  const set = JSON.parse(answer.body) as { keys: unknown[] };
  const key = ownKeys().publicKey.export({ format: 'jwk' });
  const listed = { ...key, kid: KID, alg: 'RS256', use: 'sig' };
  return { ...answer, body: JSON.stringify({ ...set, keys: [...set.keys, listed] }) };
}

/** A token response with its ID token forged. One without an ID token stays as it is. */
export function forged(answer: RecordedResponse, forgery: Forgery): RecordedResponse {
  const body = JSON.parse(answer.body) as Record<string, unknown>;
  const { id_token: idToken } = body;
  if (typeof idToken !== 'string') return answer;
  return { ...answer, body: JSON.stringify({ ...body, id_token: forge(idToken, forgery) }) };
}

function forge(idToken: string, { claims, signature = 'forge' }: Forgery): string {
  const [head = '', payload = '', signed = ''] = idToken.split('.');
  const header = decoded(head);
  const original = decoded(payload);
  const changed = encoded({ ...original, ...claims?.(original) });
  switch (signature) {
    case 'forge': {
      const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: KID })}.${changed}`;
      return `${text}.${rs256(text, ownKeys().privateKey)}`;
    }
    case 'stranger': {
      const text = `${head}.${changed}`;
      const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
      return `${text}.${rs256(text, privateKey)}`;
    }
    case 'broken':
      return `${head}.${changed}.${flipped(signed)}`;
    case 'empty':
      return `${head}.${changed}.`;
    case 'unknown':
      return `${encoded({ ...header, kid: randomUUID() })}.${changed}.${signed}`;
    case 'hmac': {
      const text = `${encoded({ ...header, alg: 'HS256', kid: KID })}.${changed}`;
      const secret = ownKeys().publicKey.export({ format: 'pem', type: 'spki' });
      return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
    }
    case 'none':
    case 'nOnE':
      return `${encoded({ ...header, alg: signature })}.${changed}.`;
  }
}

function rs256(text: string, key: KeyObject): string {
  return sign('sha256', Buffer.from(text), key).toString('base64url');
}

function decoded(part: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Record<string, unknown>;
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

/** One byte in the middle is another: the length stays right. */
function flipped(signature: string): string {
  const bytes = Buffer.from(signature, 'base64url');
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
