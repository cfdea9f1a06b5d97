// SPDX-License-Identifier: MIT-0
//
// Calls an API with a token of the client credentials grant (RFC 6749, 4.4) and prints its answer.
// Run: node call_api.ts

import { OAuthError, settingsFromEnvironment, TokenClient } from '@polyglot-tokens/core';

try {
  const client = new TokenClient(settingsFromEnvironment({ needed: ['API_URL'] }));
  // The token goes into the Authorization header (RFC 6750, 2.1). If the API refuses it, the client
  // renews it once and repeats the call once.
  const response = await client.fetch('v1/ticketing/catalogs/');
  if (response.ok) {
    process.stdout.write(Buffer.from(await response.arrayBuffer()));
  } else {
    console.error(`GET ${response.url}: HTTP ${response.status}`);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof OAuthError)) throw error;
  const { oauthError, oauthDescription, httpStatus, message } = error;
  // What the server said (RFC 6749, 5.2), or else what went wrong.
  const said = [oauthError, oauthDescription].filter(Boolean).join(': ');
  console.error(said ? `${said} (HTTP ${httpStatus})` : message);
  process.exitCode = error.class === 'config_error' && !said ? 2 : 1;
}
