// SPDX-License-Identifier: MIT-0
//
// Logs a person in by the authorization code grant with PKCE (RFC 6749, 4.1; RFC 7636; RFC 8252), as a
// client with a secret, shows the token and keeps it in OAUTH_TOKEN_FILE, if that is set.
// Run: node authorization_code_confidential.ts

import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';

type TokenResponse = {
  token_type: string;
  access_token: string;
  expires_in?: number | string; // seconds; some servers send text
  scope?: string;
  refresh_token: string; // empty if there is none
  refresh_expires_in?: number | string;
};

// Settings come from the environment. An empty one counts as missing.
const { OAUTH_ISSUER = '', OAUTH_AUTHORIZE_URL = '', OAUTH_TOKEN_URL = '' } = process.env;
const { OAUTH_CLIENT_ID = '', OAUTH_CLIENT_SECRET = '', OAUTH_CLIENT_AUTH = '' } = process.env;
const { OAUTH_SCOPE = '', OAUTH_REDIRECT_PORT = '', OAUTH_TOKEN_FILE = '' } = process.env;
const { BROWSER = '' } = process.env;
const missing = [
  !OAUTH_ISSUER && !OAUTH_AUTHORIZE_URL && 'OAUTH_ISSUER or OAUTH_AUTHORIZE_URL',
  !OAUTH_ISSUER && !OAUTH_TOKEN_URL && 'OAUTH_ISSUER or OAUTH_TOKEN_URL',
  !OAUTH_CLIENT_ID && 'OAUTH_CLIENT_ID',
  !OAUTH_CLIENT_SECRET && OAUTH_CLIENT_AUTH !== 'none' && 'OAUTH_CLIENT_SECRET',
].filter(Boolean);
if (missing.length > 0) fail(`Missing settings: ${missing.join(', ')}`, 2);
if (!['', 'basic', 'post', 'none'].includes(OAUTH_CLIENT_AUTH)) {
  fail('OAUTH_CLIENT_AUTH must be basic, post or none', 2);
}
// A file that is none of ours shows before anybody logs in for nothing.
if (OAUTH_TOKEN_FILE) readTokenFile();

// The endpoints: set, or out of the server's metadata.
const metadata = OAUTH_ISSUER ? await discover() : {};
const authorizeUrl = OAUTH_AUTHORIZE_URL || metadata['authorization_endpoint'];
const tokenUrl = OAUTH_TOKEN_URL || metadata['token_endpoint'];
if (!isText(authorizeUrl) || !URL.canParse(authorizeUrl) || !isText(tokenUrl)) {
  fail(`No authorization endpoint or no token endpoint of ${OAUTH_ISSUER || OAUTH_TOKEN_URL}`);
}

// The state ties the browser's answer to this login (RFC 6749, 10.12), the verifier the code
// (RFC 7636, 4.1).
const state = randomBytes(32).toString('base64url');
const verifier = randomBytes(32).toString('base64url');

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
  ...(OAUTH_SCOPE && { scope: OAUTH_SCOPE }),
  state,
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
if (OAUTH_ISSUER && (iss || isPromised) && iss !== OAUTH_ISSUER) {
  fail(`The callback is from the issuer ${iss ?? 'none'}, not from ${OAUTH_ISSUER}`);
}
// The person or the server said no (RFC 6749, 4.1.2.1).
const error = callback.get('error');
if (error) fail(`${error}: ${callback.get('error_description') ?? 'the login was refused'}`);
const code = callback.get('code');
if (!code) fail('The callback holds neither a code nor an error');

// The exchange (RFC 6749, 4.1.3), with the verifier (RFC 7636, 4.5).
const grant = new URLSearchParams({
  grant_type: 'authorization_code',
  code,
  redirect_uri: redirectUri,
  code_verifier: verifier,
});
const issuedAt = Date.now() / 1000;
const token = await requestToken(tokenUrl, grant);
if (OAUTH_TOKEN_FILE) storeToken(token, issuedAt);
show(token);

// A browser that cannot be opened is no failure: the person has the URL.
function openBrowser(url: string) {
  const openers: Partial<Record<NodeJS.Platform, string[]>> = {
    darwin: ['open'],
    win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  };
  const [program = 'xdg-open', ...words] = BROWSER ? [BROWSER] : (openers[process.platform] ?? []);
  // It outlives the sample and has no use for the client's secret.
  const env = { ...process.env, OAUTH_CLIENT_SECRET: undefined };
  const browser = spawn(program, [...words, url], { detached: true, stdio: 'ignore', env });
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

// The token file that programs of all languages share (docs/token-file.md).
function readTokenFile() {
  const text = existsSync(OAUTH_TOKEN_FILE) ? readFileSync(OAUTH_TOKEN_FILE, 'utf8').trim() : '';
  const file = members(text || '{ "format": "polyglot-tokens", "version": 1 }');
  const { format, version, tokens } = file;
  if (format !== 'polyglot-tokens' || version !== 1) {
    fail(`${OAUTH_TOKEN_FILE} is not a token file of polyglot-tokens, version 1`, 2);
  }
  return { ...file, tokens: { ...(tokens as Record<string, unknown>) } };
}

// Server, client, grant, user (none here) and sorted scopes, percent-encoded (RFC 3986, 2.3).
function tokenKey() {
  const hex = (sign: string) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`;
  const encode = (text: string) => encodeURIComponent(text).replace(/[!'()*]/g, hex);
  const parts = [OAUTH_ISSUER || OAUTH_TOKEN_URL, OAUTH_CLIENT_ID, 'authorization_code', ''];
  const scopes = [...new Set(OAUTH_SCOPE.split(' ').filter(Boolean))].toSorted();
  return [...parts.map(encode), scopes.map(encode).join('+')].join(' ');
}

// What the file says of a token. Times are seconds since 1970.
function storeToken(token: TokenResponse, issuedAt: number) {
  const until = (life: unknown) => (Number(life) > 0 ? issuedAt + Number(life) : undefined);
  const entry = {
    access_token: token.access_token,
    token_type: 'Bearer',
    scope: token.scope ?? (OAUTH_SCOPE || undefined),
    issued_at: issuedAt,
    expires_at: until(token.expires_in),
    refresh_token: token.refresh_token || undefined,
    refresh_expires_at: until(token.refresh_expires_in),
  };

  // For its owner alone and whole at every moment: a new file that takes the old one's place.
  const file = readTokenFile();
  const text = JSON.stringify(
    { ...file, tokens: { ...file.tokens, [tokenKey()]: entry } },
    null,
    2,
  );
  mkdirSync(dirname(OAUTH_TOKEN_FILE), { recursive: true, mode: 0o700 });
  const temporary = `${OAUTH_TOKEN_FILE}.tmp.${process.pid}-${randomBytes(8).toString('hex')}`;
  writeFileSync(temporary, text, { flag: 'wx', mode: 0o600, flush: true });
  renameSync(temporary, OAUTH_TOKEN_FILE);
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
  const headers = new Headers({ Accept: 'application/json' });
  if (OAUTH_CLIENT_AUTH === 'post' || OAUTH_CLIENT_AUTH === 'none') {
    form.set('client_id', OAUTH_CLIENT_ID);
    if (OAUTH_CLIENT_AUTH === 'post') form.set('client_secret', OAUTH_CLIENT_SECRET);
  } else {
    // Basic wants id and secret form-encoded (RFC 6749, 2.3.1).
    const pair = [OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET].map(encodeURIComponent).join(':');
    headers.set('Authorization', `Basic ${Buffer.from(pair).toString('base64')}`);
  }
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
  const { refresh_token } = answer;
  return {
    ...answer,
    token_type,
    access_token,
    refresh_token: isText(refresh_token) ? refresh_token : '',
  };
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

function show(token: TokenResponse) {
  console.log(`token_type: ${token.token_type}`);
  console.log(`expires_in: ${token.expires_in ?? 'none'}`);
  console.log(`scope: ${token.scope ?? 'none'}`);
  console.log(`access_token: ${fingerprint(token.access_token)}`);
  console.log(`refresh_token: ${fingerprint(token.refresh_token)}`);
}

// Length and hash tell one token from another and give neither away.
function fingerprint(token: string) {
  if (!token) return 'none';
  const hash = createHash('sha256').update(token).digest('hex').slice(0, 8);
  return `${token.length} characters, sha256 ${hash}`;
}
