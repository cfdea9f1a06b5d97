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
  if (method === 'token/get') return { outcome: 'ok', ...TOKEN };
  if (method === 'api/request') return { outcome: 'ok', status: 200, body: '{}' };
  return { outcome: 'ok' };
});
