// SPDX-License-Identifier: MIT-0
//
// Gets a token by the client credentials grant (RFC 6749, 4.4), then the next one by its refresh token
// (RFC 6749, 6), and shows both. With OAUTH_TOKEN_FILE the first one is what authorization_code.ts has
// stored there.
// Run: node refresh.ts

import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
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
const { OAUTH_ISSUER = '', OAUTH_TOKEN_URL = '', OAUTH_REFRESH_URL = '' } = process.env;
const { OAUTH_CLIENT_ID = '', OAUTH_CLIENT_SECRET = '', OAUTH_CLIENT_AUTH = '' } = process.env;
const { OAUTH_SCOPE = '', OAUTH_TOKEN_FILE = '' } = process.env;
// A client that logs people in and has no secret is a public one.
const isPublic = OAUTH_TOKEN_FILE && !OAUTH_CLIENT_SECRET && !OAUTH_CLIENT_AUTH;
const clientAuth = isPublic ? 'none' : OAUTH_CLIENT_AUTH || 'basic';
const missing = [
  !OAUTH_ISSUER && !OAUTH_TOKEN_URL && 'OAUTH_ISSUER or OAUTH_TOKEN_URL',
  !OAUTH_CLIENT_ID && 'OAUTH_CLIENT_ID',
  !OAUTH_CLIENT_SECRET && clientAuth !== 'none' && 'OAUTH_CLIENT_SECRET',
].filter(Boolean);
if (missing.length > 0) fail(`Missing settings: ${missing.join(', ')}`, 2);
if (!['basic', 'post', 'none'].includes(clientAuth)) {
  fail('OAUTH_CLIENT_AUTH must be basic, post or none', 2);
}

const tokenUrl = OAUTH_TOKEN_URL || (await discoverTokenUrl());
const token = OAUTH_TOKEN_FILE ? storedToken() : await issuedToken();
console.log(OAUTH_TOKEN_FILE ? 'Stored' : 'Issued');
show(token);

// For client credentials a server should not issue one (RFC 6749, 4.4.3), so it must be told to.
const { refresh_token } = token;
if (!refresh_token) {
  fail(`No refresh token was issued. Keycloak has a switch for it, on the Advanced tab of the client:
"Use refresh tokens for client credentials grant".`);
}

// The refresh request, with the same client authentication (RFC 6749, 6).
const renewal = new URLSearchParams({ grant_type: 'refresh_token', refresh_token });
const sentAt = Date.now() / 1000;
const refreshed = await requestToken(OAUTH_REFRESH_URL || tokenUrl, renewal);
if (OAUTH_TOKEN_FILE) storeToken(refreshed, sentAt);
// Without a new refresh token the old one stays valid (RFC 6749, 6).
refreshed.refresh_token ||= refresh_token;
console.log('Refreshed');
show(refreshed);

// The token request (RFC 6749, 4.4.2).
function issuedToken(): Promise<TokenResponse> {
  const grant = new URLSearchParams({ grant_type: 'client_credentials' });
  if (OAUTH_SCOPE) grant.set('scope', OAUTH_SCOPE);
  return requestToken(tokenUrl, grant);
}

// What the login has stored, as the server had said it.
function storedToken(): TokenResponse {
  const { access_token, refresh_token, scope, issued_at, expires_at } = storedEntry();
  if (!isText(access_token)) fail(`No tokens in ${OAUTH_TOKEN_FILE}: run authorization_code first`);
  return {
    token_type: 'Bearer',
    access_token,
    refresh_token: isText(refresh_token) ? refresh_token : '',
    ...(isText(scope) ? { scope } : {}),
    ...(expires_at ? { expires_in: Number(expires_at) - Number(issued_at) } : {}),
  };
}

function storedEntry(): Record<string, unknown> {
  return { ...(readTokenFile().tokens[tokenKey()] as Record<string, unknown>) };
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

// Puts into the file what the answer says, and leaves there what it does not say.
function storeToken(token: TokenResponse, issuedAt: number) {
  const until = (life: unknown) => (Number(life) > 0 ? issuedAt + Number(life) : undefined);
  const entry = storedEntry();
  entry['access_token'] = token.access_token;
  entry['issued_at'] = issuedAt; // seconds since 1970
  entry['expires_at'] = until(token.expires_in);
  entry['refresh_sent_at'] = undefined; // what clients note of a refresh without an answer
  entry['scope'] = token.scope ?? entry['scope'];
  if (token.refresh_token) {
    entry['refresh_token'] = token.refresh_token;
    entry['refresh_expires_at'] = until(token.refresh_expires_in);
  }

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

async function discoverTokenUrl(): Promise<string> {
  const url = `${OAUTH_ISSUER.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const { response, body } = await send(url);
  const { issuer, token_endpoint } = members(body);
  // The metadata must name the very issuer that was asked (OpenID Connect Discovery, 4.3).
  if (response.status === 200 && issuer === OAUTH_ISSUER && isText(token_endpoint)) {
    return token_endpoint;
  }
  fail(`GET ${url}: HTTP ${response.status}, no token endpoint of issuer ${OAUTH_ISSUER}`);
}

async function requestToken(url: string, form: URLSearchParams): Promise<TokenResponse> {
  const headers = new Headers({ Accept: 'application/json' });
  if (clientAuth === 'post' || clientAuth === 'none') {
    form.set('client_id', OAUTH_CLIENT_ID);
    if (clientAuth === 'post') form.set('client_secret', OAUTH_CLIENT_SECRET);
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
