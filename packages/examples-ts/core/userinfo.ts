// SPDX-License-Identifier: MIT-0
//
// Logs a person in with OpenID Connect, verifies the ID token and asks UserInfo who it is (OpenID
// Connect Core 1.0, 3.1 and 5.3).
// Run: node userinfo.ts

import {
  ConfigError,
  OAuthError,
  settingsFromEnvironment,
  TokenClient,
} from '@polyglot-tokens/core';

try {
  const settings = settingsFromEnvironment({
    grant: 'authorization_code',
    needed: ['OAUTH_ISSUER'],
  });
  const { scope = 'openid profile email' } = settings;
  // Without this scope there is no ID token (OpenID Connect Core 1.0, 3.1.2.1).
  if (!scope.split(' ').includes('openid')) {
    throw new ConfigError('OAUTH_SCOPE must hold openid');
  }
  // A program on people's machines can keep no secret, so it is a public client (RFC 8252, 8.5).
  const client = new TokenClient({ ...settings, scope, clientAuth: 'none' });

  // It listens on 127.0.0.1 for the browser to come back (RFC 8252, 7.3), with a state and a PKCE
  // verifier of its own (RFC 6749, 10.12; RFC 7636).
  const login = await client.startLogin();
  console.error(`Log in at: ${login.authorizationUrl.href}`);
  await login.openBrowser();

  // Waits for the person, exchanges the code, and verifies the ID token (3.1.3.7).
  await login.finish();

  // Asks with the access token (5.3.1), and for the answer to be about the same person (5.3.2).
  const claims = await client.userInfo();
  for (const name of ['sub', 'name', 'preferred_username', 'email']) {
    const value = claims[name];
    console.log(`${name}: ${typeof value === 'string' ? value : 'none'}`);
  }
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
