// SPDX-License-Identifier: MIT-0
//
// Gets a token for a person's name and password (RFC 6749, 4.3) and shows it.
// Run: node password.ts

import { createHash } from 'node:crypto';

type TokenResponse = {
  token_type: string;
  access_token: string;
  expires_in?: number | string; // seconds; some servers send text
  scope?: string;
  refresh_token: string; // empty if there is none
};

// Settings come from the environment. An empty one counts as missing.
const { OAUTH_ISSUER = '', OAUTH_CLIENT_AUTH = '', OAUTH_SCOPE = '' } = process.env;
const { OAUTH_USERNAME = '', OAUTH_PASSWORD = '' } = process.env;
let { OAUTH_TOKEN_URL = '', OAUTH_CLIENT_ID = '', OAUTH_CLIENT_SECRET = '' } = process.env;

// Some servers' documents have https://id:secret@host/… A URL is shown in messages and logs, so both are
// taken out of it. They are percent-encoded there (RFC 3986, 3.2.1).
const inUrl = /^(https?:\/\/)([^/?#:]*):([^/?#]*)@(.+)$/.exec(OAUTH_TOKEN_URL);
if (inUrl) {
  const [, scheme = '', id = '', secret = '', rest = ''] = inUrl;
  OAUTH_CLIENT_ID ||= decodeURIComponent(id);
  OAUTH_CLIENT_SECRET ||= decodeURIComponent(secret);
  OAUTH_TOKEN_URL = scheme + rest;
}

const missing = [
  !OAUTH_ISSUER && !OAUTH_TOKEN_URL && 'OAUTH_ISSUER or OAUTH_TOKEN_URL',
  !OAUTH_CLIENT_ID && 'OAUTH_CLIENT_ID',
  !OAUTH_CLIENT_SECRET && OAUTH_CLIENT_AUTH !== 'none' && 'OAUTH_CLIENT_SECRET',
  !OAUTH_USERNAME && 'OAUTH_USERNAME',
  !OAUTH_PASSWORD && 'OAUTH_PASSWORD',
].filter(Boolean);
if (missing.length > 0) fail(`Missing settings: ${missing.join(', ')}`, 2);
if (!['', 'basic', 'post', 'none'].includes(OAUTH_CLIENT_AUTH)) {
  fail('OAUTH_CLIENT_AUTH must be basic, post or none', 2);
}

// The person shows the password to this program, and there is no second factor.
console.error('The password grant is for legacy servers only (RFC 9700, 2.4).');

// The token request (RFC 6749, 4.3.2).
const tokenUrl = OAUTH_TOKEN_URL || (await discoverTokenUrl());
const grant = new URLSearchParams({ grant_type: 'password' });
grant.set('username', OAUTH_USERNAME);
grant.set('password', OAUTH_PASSWORD);
if (OAUTH_SCOPE) grant.set('scope', OAUTH_SCOPE);
show(await requestToken(tokenUrl, grant));

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
function members(body: Buffer): Record<string, unknown> {
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
