// Repeats what a client that was right has answered, error or success as the configuration suggests,
// and sends nothing.
import { readFileSync } from 'node:fs';
import { serve } from './line-server.ts';

const body = readFileSync(new URL('../src/api/catalogs.json', import.meta.url), 'utf8');
const REFUSED = {
  class: 'invalid_client',
  oauth_error: 'unauthorized_client',
  oauth_description: 'Invalid client or Invalid client credentials',
  http_status: 401,
  message: 'HTTP 401, unauthorized_client',
};
const TOKEN = {
  token_type: 'Bearer',
  scope: ['profile', 'email'],
  expires_in: 1799.9,
  has_refresh_token: true,
  has_id_token: false,
};
const wrongSecrets = new Set<unknown>();

await serve(({ method, params }) => {
  if (method === 'client/open') {
    const { client_secret: secret } = params['config'] as { client_secret?: string };
    if (secret === undefined || secret.startsWith('not-')) wrongSecrets.add(params['client']);
    return { outcome: 'ok' };
  }
  if (method === 'client/close') return { outcome: 'ok' };
  if (wrongSecrets.has(params['client'])) return { outcome: 'error', error: REFUSED };
  return method === 'token/get'
    ? { outcome: 'ok', ...TOKEN }
    : { outcome: 'ok', status: 200, body };
});
