// SPDX-License-Identifier: MIT-0
//
// Gets a token for a person's name and password (RFC 6749, 4.3) and shows it.
// Run: node password.ts

import {
  OAuthError,
  settingsFromEnvironment,
  type Token,
  TokenClient,
  type TokenSecret,
} from '@polyglot-tokens/core';

try {
  const client = new TokenClient(settingsFromEnvironment({ grant: 'password' }));
  // The person shows the password to this program, and there is no second factor.
  console.error('The password grant is for legacy servers only (RFC 9700, 2.4).');
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
