// SPDX-License-Identifier: MIT-0
//
// Calls an API with a token of the client credentials grant (RFC 6749, 4.4) and prints its answer.
// Run: node call_api.ts

import { OAuthError, settingsFromEnvironment, TokenClient } from '@polyglot-tokens/core';

// Settings come from the environment. An empty one counts as missing.
const settings = settingsFromEnvironment();
const missing = [
  !settings.issuer && !settings.tokenUrl && 'OAUTH_ISSUER or OAUTH_TOKEN_URL',
  !settings.clientId && 'OAUTH_CLIENT_ID',
  !settings.clientSecret && settings.clientAuth !== 'none' && 'OAUTH_CLIENT_SECRET',
  !settings.apiUrl && 'API_URL',
].filter(Boolean);
if (missing.length > 0) fail(`Missing settings: ${missing.join(', ')}`, 2);

try {
  const client = new TokenClient(settings);
  // The token goes into the Authorization header (RFC 6750, 2.1). If the API refuses it, the client
  // renews it once and repeats the call once.
  const response = await client.fetch('v1/ticketing/catalogs/');
  if (!response.ok) fail(`GET ${response.url}: HTTP ${response.status}`);
  process.stdout.write(Buffer.from(await response.arrayBuffer()));
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
