// Says yes to everything, and sends nothing.
import { serve } from './line-server.ts';

const TOKEN = {
  token_type: 'Bearer',
  scope: [],
  expires_in: 1800,
  has_refresh_token: true,
  has_id_token: false,
};

await serve(({ method }) => {
  if (method === 'token/get' || method === 'login/finish') return { outcome: 'ok', ...TOKEN };
  if (method === 'login/start')
    return { outcome: 'ok', authorization_url: 'http://127.0.0.1:9/?state=s' };
  if (method === 'userinfo/get') return { outcome: 'ok', claims: { sub: 'ada' } };
  if (method === 'api/request') return { outcome: 'ok', status: 200, body: '{}' };
  return { outcome: 'ok' };
});
