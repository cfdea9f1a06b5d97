// SPDX-License-Identifier: MIT-0
//
// Gets a token by the client credentials grant (RFC 6749, 4.4), then the next one by its refresh token
// (RFC 6749, 6), and shows both. With OAUTH_TOKEN_FILE the first one is what authorization_code.ts has
// stored there.
// Run: node refresh.ts

import {
  OAuthError,
  settingsFromEnvironment,
  type Token,
  TokenClient,
  type TokenSecret,
} from '@polyglot-tokens/core';

try {
  const isStored = Boolean(process.env['OAUTH_TOKEN_FILE']);
  const grant = isStored ? 'authorization_code' : 'client_credentials';
  const client = new TokenClient(settingsFromEnvironment({ grant }));
  // What is stored may have expired: it is shown as it is, and not renewed for that.
  const token = (isStored && (await client.storedToken())) || (await client.getToken());
  console.log(isStored ? 'Stored' : 'Issued');
  show(token);

  if (token.refreshToken) {
    // The client renews a token that is due by itself; this one is not due yet (RFC 6749, 6).
    const refreshed = await client.getToken({ forceRefresh: true });
    console.log('Refreshed');
    show(refreshed);
  } else if (isStored) {
    console.error('No refresh token was issued at the login.');
    process.exitCode = 1;
  } else {
    // For this grant a server should not issue one (RFC 6749, 4.4.3), so it must be told to.
    console.error(`No refresh token was issued. Keycloak has a switch for it, on the Advanced tab of the
client: "Use refresh tokens for client credentials grant".`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof OAuthError)) throw error;
  const { oauthError, oauthDescription, httpStatus, message } = error;
  // What the server said (RFC 6749, 5.2), or else what went wrong.
  const said = [oauthError, oauthDescription].filter(Boolean).join(': ');
  console.error(said ? `${said} (HTTP ${httpStatus})` : message);
  process.exitCode = error.class === 'config_error' && !said ? 2 : 1;
  if (error.class === 'login_required') console.error('Run authorization_code first.');
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
