// SPDX-License-Identifier: MIT-0
//
// Logs a person in with OpenID Connect, verifies the ID token and asks UserInfo who it is (OpenID
// Connect Core 1.0, 3.1 and 5.3).
// Run: node userinfo.ts

import { spawn } from 'node:child_process';
import { createHash, createPublicKey, type JsonWebKey, randomBytes, verify } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type TokenResponse = {
  token_type: string;
  access_token: string;
  id_token: string; // empty if there is none
};

// Settings come from the environment. An empty one counts as missing.
const { OAUTH_ISSUER = '', OAUTH_AUTHORIZE_URL = '', OAUTH_TOKEN_URL = '' } = process.env;
const { OAUTH_CLIENT_ID = '', OAUTH_REDIRECT_PORT = '', BROWSER = '' } = process.env;
const scope = process.env['OAUTH_SCOPE'] || 'openid profile email';
const missing = [!OAUTH_ISSUER && 'OAUTH_ISSUER', !OAUTH_CLIENT_ID && 'OAUTH_CLIENT_ID'].filter(
  Boolean,
);
if (missing.length > 0) fail(`Missing settings: ${missing.join(', ')}`, 2);
// Without this scope there is no ID token (OpenID Connect Core 1.0, 3.1.2.1).
if (!scope.split(' ').includes('openid')) fail('OAUTH_SCOPE must hold openid', 2);

// The endpoints: set, or out of the server's metadata.
const metadata = await discover();
const authorizeUrl = OAUTH_AUTHORIZE_URL || metadata['authorization_endpoint'];
const tokenUrl = OAUTH_TOKEN_URL || metadata['token_endpoint'];
const { jwks_uri: jwksUrl, userinfo_endpoint: userinfoUrl } = metadata;
if (!isText(authorizeUrl) || !URL.canParse(authorizeUrl) || !isText(tokenUrl)) {
  fail(`No authorization endpoint or no token endpoint of ${OAUTH_ISSUER}`);
}
if (!isText(jwksUrl) || !isText(userinfoUrl)) fail(`No OpenID Connect at ${OAUTH_ISSUER}`);

// The state ties the browser's answer to this login (RFC 6749, 10.12), the verifier the code
// (RFC 7636, 4.1), the nonce the ID token (OpenID Connect Core 1.0, 3.1.2.1).
const state = randomBytes(32).toString('base64url');
const verifier = randomBytes(32).toString('base64url');
const nonce = randomBytes(32).toString('base64url');

// The browser comes back to a port that only this machine can reach (RFC 8252, 7.3 and 8.3).
const server = createServer().listen(Number(OAUTH_REDIRECT_PORT), '127.0.0.1');
server.on('error', ({ message }) => fail(`OAUTH_REDIRECT_PORT: ${message}`, 2));
await once(server, 'listening');
const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
const redirectUri = `http://${host}/callback`;

// The authorization request (RFC 6749, 4.1.1), with the hash of the verifier (RFC 7636, 4.3).
const loginUrl = new URL(authorizeUrl);
const parameters = {
  response_type: 'code',
  client_id: OAUTH_CLIENT_ID,
  redirect_uri: redirectUri,
  scope,
  state,
  nonce,
  code_challenge: createHash('sha256').update(verifier).digest('base64url'),
  code_challenge_method: 'S256',
};
for (const [name, value] of Object.entries(parameters)) loginUrl.searchParams.set(name, value);
console.error(`Log in at: ${loginUrl.href}`);
openBrowser(loginUrl.href);
const callback = await waitForCallback();

// Another server's answer must not end here. Some promise to say whose it is (RFC 9207, 2.4).
const iss = callback.get('iss');
const isPromised = metadata['authorization_response_iss_parameter_supported'];
if ((iss || isPromised) && iss !== OAUTH_ISSUER) {
  fail(`The callback is from the issuer ${iss ?? 'none'}, not from ${OAUTH_ISSUER}`);
}
// The person or the server said no (RFC 6749, 4.1.2.1).
const error = callback.get('error');
if (error) fail(`${error}: ${callback.get('error_description') ?? 'the login was refused'}`);
const code = callback.get('code');
if (!code) fail('The callback holds neither a code nor an error');

// The exchange (RFC 6749, 4.1.3), with the verifier (RFC 7636, 4.5). A public client has no secret.
const grant = new URLSearchParams({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectUri,
  code_verifier: verifier,
  client_id: OAUTH_CLIENT_ID,
});
const token = await requestToken(tokenUrl, grant);
if (!token.id_token) fail('No ID token came, although openid was asked for');
const { sub } = await verifyIdToken(token.id_token, jwksUrl);

// Who is it? The answer must be about the person of the ID token (OpenID Connect Core 1.0, 5.3).
const headers = { Accept: 'application/json', Authorization: `Bearer ${token.access_token}` };
const { response, body } = await send(userinfoUrl, { headers });
if (!response.ok) fail(`GET ${userinfoUrl}: HTTP ${response.status}`);
const claims = members(body);
if (claims['sub'] !== sub) fail(`GET ${userinfoUrl}: not about the person of the ID token`);
for (const name of ['sub', 'name', 'preferred_username', 'email']) {
  const value = claims[name];
  console.log(`${name}: ${isText(value) ? value : 'none'}`);
}

// OpenID Connect Core 1.0, 3.1.3.7, with 30 seconds between the clocks.
async function verifyIdToken(idToken: string, jwksUrl: string) {
  const parts = idToken.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  const { alg, kid, crit } = members(Buffer.from(header, 'base64url'));
  const claims = members(Buffer.from(payload, 'base64url'));

  // The issuer's key, and the algorithm that we expect: the token's word is no proof (RFC 8725, 3.1).
  const { keys } = members((await send(jwksUrl)).body);
  const jwks = Array.isArray(keys) ? (keys as (JsonWebKey & { kid?: string })[]) : [];
  const key = jwks.find((candidate) => candidate.kid === kid && candidate.kty === 'RSA');
  const isSigned =
    key !== undefined &&
    parts.length === 3 &&
    alg === 'RS256' &&
    crit === undefined &&
    verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      createPublicKey({ key, format: 'jwk' }),
      Buffer.from(signature, 'base64url'),
    );

  const { sub, aud, azp = OAUTH_CLIENT_ID, exp, iat } = claims;
  const now = Date.now() / 1000;
  const wrong = [
    !isSigned && `no RS256 signature of ${OAUTH_ISSUER}`,
    claims['iss'] !== OAUTH_ISSUER && `iss is not ${OAUTH_ISSUER}`,
    String(aud) !== OAUTH_CLIENT_ID && `aud is not ${OAUTH_CLIENT_ID} alone`,
    azp !== OAUTH_CLIENT_ID && `azp is not ${OAUTH_CLIENT_ID}`,
    !isText(sub) && 'no sub',
    !(Number(exp) > now - 30) && 'expired',
    !(Number(iat) > now - 3600 && Number(iat) < now + 30) && 'not issued now',
    claims['nonce'] !== nonce && 'nonce is not the one of this login',
  ].filter(Boolean);
  if (wrong.length > 0) fail(`ID token: ${wrong.join(', ')}`);
  return claims;
}

// A browser that cannot be opened is no failure: the person has the URL.
function openBrowser(url: string) {
  const openers: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  };
  const [program = 'xdg-open', ...words] = BROWSER ? [BROWSER] : (openers[process.platform] ?? []);
  const browser = spawn(program, [...words, url], { detached: true, stdio: 'ignore' });
  browser.on('error', () => {}).unref();
}

// Waits for the callback with the state of this login; whatever else comes is turned away.
function waitForCallback(): Promise<URLSearchParams> {
  const timer = setTimeout(() => fail('Nobody came back within 300 seconds'), 300_000);
  return new Promise((resolve) => {
    server.on('request', ({ method, url = '', headers }, response) => {
      const [path, query] = url.split('?', 2);
      const answer = new URLSearchParams(query);
      const isCallback = method === 'GET' && headers.host === host && path === '/callback';
      const isOurs = isCallback && answer.get('state') === state;
      response.writeHead(isOurs ? 200 : 400, { 'Content-Type': 'text/plain' });
      response.end(isOurs ? 'You can close this window.' : 'Not an answer to this login.');
      if (!isOurs) return;
      response.on('close', () => {
        clearTimeout(timer);
        server.close();
        server.closeAllConnections();
        resolve(answer);
      });
    });
  });
}

async function discover(): Promise<Record<string, unknown>> {
  const url = `${OAUTH_ISSUER.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { response, body } = await send(url);
  const metadata = members(body);
  // The metadata must name the very issuer that was asked (OpenID Connect Discovery, 4.3).
  if (response.status === 200 && metadata['issuer'] === OAUTH_ISSUER) return metadata;
  fail(`GET ${url}: HTTP ${response.status}, no metadata of issuer ${OAUTH_ISSUER}`);
}

async function requestToken(url: string, form: URLSearchParams): Promise<TokenResponse> {
  const headers = { Accept: 'application/json' };
  const { response, body } = await send(url, { method: 'POST', headers, body: form });
  const answer = members(body);
  const { error, error_description, token_type, access_token } = answer;

  // The server said no (RFC 6749, 5.2).
  if (isText(error)) {
    const said = [error, error_description].filter(isText).join(': ');
    fail(`${said} (HTTP ${response.status})`);
  }
  // A token is printable text (RFC 6749, A.12), its type Bearer in any case (5.1 and 7.1).
  const isToken = isText(access_token) && /^[ -~]+$/.test(access_token);
  const isBearer = isText(token_type) && token_type.toLowerCase() === 'bearer';
  if (!response.ok || error !== undefined || !isToken || !isBearer) {
    fail(`POST ${url}: HTTP ${response.status}, no usable token in the answer`);
  }
  const { id_token } = answer;
  return { token_type, access_token, id_token: isText(id_token) ? id_token : '' };
}

// One request and its whole answer: 30 seconds and 1 MiB at most, no redirects.
async function send(url: string, init: RequestInit = {}) {
  const asked = `${init.method ?? 'GET'} ${url}`;
  try {
    const signal = AbortSignal.timeout(30_000);
    const response = await fetch(url, { ...init, signal, redirect: 'manual' });
    let body = Buffer.alloc(0);
    for await (const chunk of response.body ?? []) {
      body = Buffer.concat([body, chunk]);
      if (body.length > 1024 * 1024) fail(`${asked}: an answer of more than 1 MiB`);
    }
    return { response, body };
  } catch (error) {
    // The cause's code, such as ECONNREFUSED. A message could quote what was sent.
    const { name, cause } = error as Error & { cause?: { code?: string } };
    fail(`${asked}: no whole answer (${cause?.code ?? name})`);
  }
}

// The members of a JSON object; none if it is anything else.
function members(body: Buffer | string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(body.toString()) as Record<string, unknown>) };
  } catch {
    return {};
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function fail(message: string, exitCode = 1): never {
  console.error(message);
  process.exit(exitCode);
}
