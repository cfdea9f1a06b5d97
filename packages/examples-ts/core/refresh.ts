// SPDX-License-Identifier: MIT-0
//
// Gets a token by the client credentials grant (RFC 6749, 4.4), then the next one by its refresh token
// (RFC 6749, 6), and shows both.
// Run: node refresh.ts

import {
  OAuthError,
  settingsFromEnvironment,
  type Token,
  TokenClient,
  type TokenSecret,
} from '@polyglot-tokens/core';

// Settings come from the environment. An empty one counts as missing.
const settings = settingsFromEnvironment();
const missing = [
  !settings.issuer && !settings.tokenUrl && 'OAUTH_ISSUER or OAUTH_TOKEN_URL',
  !settings.clientId && 'OAUTH_CLIENT_ID',
  !settings.clientSecret && settings.clientAuth !== 'none' && 'OAUTH_CLIENT_SECRET',
].filter(Boolean);
if (missing.length > 0) fail(`Missing settings: ${missing.join(', ')}`, 2);

try {
  const client = new TokenClient(settings);
  const token = await client.getToken();
  console.log('Issued');
  show(token);

  // For this grant a server should not issue one (RFC 6749, 4.4.3), so it must be told to.
  if (!token.refreshToken) {
    fail(`No refresh token was issued. Keycloak has a switch for it, on the Advanced tab of the client:
"Use refresh tokens for client credentials grant".`);
  }

  // The client renews a token that is due by itself; this one is not due yet (RFC 6749, 6).
  const refreshed = await client.getToken({ forceRefresh: true });
  console.log('Refreshed');
  show(refreshed);
} catch (error) {
  if (!(error instanceof OAuthError)) throw error;
  const { oauthError, oauthDescription, httpStatus, message } = error;
  // What the server said (RFC 6749, 5.2), if it said anything.
  const said = [oauthError, oauthDescription].filter(Boolean).join(': ');
  if (said) fail(`${said} (HTTP ${httpStatus})`);
  fail(message, error.class === 'config_error' ? 2 : 1);
}

function fail(message: string, exitCode = 1): never {
  console.error(message);
  process.exit(exitCode);
}

function show(token: Token) {
  const { tokenType, expiresIn, scope, accessToken, refreshToken } = token;
  console.log(`token_type: ${tokenType}`);
  console.log(`expires_in: ${expiresIn === undefined ? 'none' : Math.ceil(expiresIn)}`);
  console.log(`scope: ${scope.join(' ') || 'none'}`);
  console.log(`access_token: ${fingerprint(accessToken)}`);
  console.log(`refresh_token: ${refreshToken ? fingerprint(refreshToken) : 'none'}`);
}

// A token prints as a hash, of which the digits are the last eight characters.
function fingerprint(token: TokenSecret) {
  return `${token.reveal().length} characters, sha256 ${String(token).slice(-8)}`;
}
