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
const LOGIN =
  'http://127.0.0.1:9/auth?response_type=code&client_id=korus-native&redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback&scope=openid&state=QYPuvYrH4l4&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256';
const ADA = { sub: '4b1c2a9e-6f1f-4c7f-9d53-6a1f7a3c8f10', name: 'Ada Lovelace' };
const wrongSecrets = new Set<unknown>();

await serve(({ method, params }) => {
  if (method === 'client/open') {
    const { client_secret: secret } = params['config'] as { client_secret?: string };
    if (secret === undefined || secret.startsWith('not-')) wrongSecrets.add(params['client']);
    return { outcome: 'ok' };
  }
  if (method === 'client/close') return { outcome: 'ok' };
  if (wrongSecrets.has(params['client'])) return { outcome: 'error', error: REFUSED };
  if (method === 'login/start') return { outcome: 'ok', authorization_url: LOGIN };
  if (method === 'userinfo/get') return { outcome: 'ok', claims: ADA };
  if (method === 'login/finish') return { outcome: 'ok', ...TOKEN, has_id_token: true };
  return method === 'token/get'
    ? { outcome: 'ok', ...TOKEN }
    : { outcome: 'ok', status: 200, body };
});
