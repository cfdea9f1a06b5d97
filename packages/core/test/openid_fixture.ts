import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { OAuthError } from '../src/errors.ts';
import { exchange } from '../src/exchange.ts';

export const ISSUER = 'http://127.0.0.1/realms/korusticket';
export const CLIENT_ID = 'korus-web';

export const transport = (url: URL, init: RequestInit) => exchange(url, init);

/** A signing key with its public half as the JWKS has it. */
export async function signer(alg: string, kid?: string) {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true });
  const jwk: JWK = { ...(await exportJWK(publicKey)), use: 'sig', alg, ...(kid && { kid }) };
  const sign = (claims: Record<string, unknown>, header: Record<string, unknown> = {}) =>
    new SignJWT(claims)
      .setProtectedHeader({ alg, ...(kid && { kid }), ...header })
      .sign(privateKey);
  return { jwk, privateKey, sign };
}

export function idTokenClaims(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  return { iss: ISSUER, sub: 'ada', aud: CLIENT_ID, exp: now + 300, iat: now, ...changes };
}

export interface TestRequest {
  readonly message: IncomingMessage;
  readonly body: string;
}

/** A server on a free port of the loopback, with a record of what it was asked. */
export async function serve(answer: (request: TestRequest, response: ServerResponse) => void) {
  const requests: TestRequest[] = [];
  const server = createServer((message, response) => {
    let body = '';
    message.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    message.on('end', () => {
      requests.push({ message, body });
      answer({ message, body }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    requests,
    url: (path: string) => new URL(path, `http://127.0.0.1:${port}`),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export async function errorOf(work: Promise<unknown>): Promise<OAuthError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
  throw new Error('it was taken');
}
