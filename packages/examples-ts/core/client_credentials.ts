// SPDX-License-Identifier: MIT-0
//
// Gets a token by the client credentials grant (RFC 6749, 4.4) and shows it.
// Run: node client_credentials.ts

import {
  OAuthError,
  settingsFromEnvironment,
  type Token,
  TokenClient,
  type TokenSecret,
} from '@polyglot-tokens/core';

try {
  const client = new TokenClient(settingsFromEnvironment());
  show(await client.getToken());
} catch (error) {
  if (!(error instanceof OAuthError)) throw error;
  const { oauthError, oauthDescription, httpStatus, message } = error;
  // What the server said (RFC 6749, 5.2), or else what went wrong.
  const said = [oauthError, oauthDescription].filter(Boolean).join(': ');
  console.error(said ? `${said} (HTTP ${httpStatus})` : message);
  process.exitCode = error.class === 'config_error' && !said ? 2 : 1;
}

function show(token: Token) {
  const { tokenType, lifetime, scope, accessToken, refreshToken } = token;
  console.log(`token_type: ${tokenType}`);
  console.log(`expires_in: ${lifetime ?? 'none'}`);
  console.log(`scope: ${scope.join(' ') || 'none'}`);
  console.log(`access_token: ${fingerprint(accessToken)}`);
  console.log(`refresh_token: ${refreshToken ? fingerprint(refreshToken) : 'none'}`);
}

// Of a token itself, only its length and a short digest may be shown.
function fingerprint({ length, digest }: TokenSecret) {
  return `${length} characters, sha256 ${digest}`;
}
