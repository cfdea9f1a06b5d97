// SPDX-License-Identifier: MIT-0
//
// Logs a person in by the authorization code grant with PKCE (RFC 6749, 4.1; RFC 7636; RFC 8252), as a
// client with a secret, and shows the token.
// Run: node authorization_code_confidential.ts

import {
  OAuthError,
  settingsFromEnvironment,
  type Token,
  TokenClient,
  type TokenSecret,
} from '@polyglot-tokens/core';

try {
  // As a service does, it needs a secret, which authenticates the exchange (RFC 6749, 4.1.3).
  const grant = 'authorization_code';
  const client = new TokenClient(
    settingsFromEnvironment({ grant, needed: ['OAUTH_CLIENT_SECRET'] }),
  );

  // It listens on 127.0.0.1 for the browser to come back (RFC 8252, 7.3), with a state and a PKCE
  // verifier of its own (RFC 6749, 10.12; RFC 7636).
  const login = await client.startLogin();
  console.error(`Log in at: ${login.authorizationUrl.href}`);
  await login.openBrowser();

  // Waits for the person, exchanges the code (RFC 6749, 4.1.3), and keeps the tokens in
  // OAUTH_TOKEN_FILE, if that is set, for refresh.ts.
  show(await login.finish());
} catch (error) {
  if (!(error instanceof OAuthError)) throw error;
  const { oauthError, oauthDescription, httpStatus, message } = error;
  const said = [oauthError, oauthDescription].filter(Boolean).join(': ');
  // The server said no to us (RFC 6749, 5.2) or to the browser (4.1.2.1), or something else went wrong.
  if (said && httpStatus) console.error(`${said} (HTTP ${httpStatus})`);
  else if (said) console.error(`${oauthError}: ${oauthDescription ?? 'the login was refused'}`);
  else console.error(message);
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
