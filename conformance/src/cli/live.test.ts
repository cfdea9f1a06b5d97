import { expect, test } from 'vitest';
import { CLIENTS, USERS } from '../trial/clients.ts';
import { fingerprint } from '../trial/labels.ts';
import type { Exchange } from '../wire/exchange.ts';
import { liveLines } from './live.ts';

function exchange(more: Partial<Exchange['request']>, body: unknown): Exchange {
  return {
    endpoint: 'token',
    at: 10,
    answeredAt: 22,
    request: { method: 'POST', target: '/token', headers: [], body: '', ...more },
    response: { status: 200, headers: {}, body: JSON.stringify(body) },
  };
}

test('a token request is told with its fields, and its tokens by the digest that samples print', () => {
  const { service } = CLIENTS;
  const lines = liveLines(
    exchange(
      { body: `grant_type=refresh_token&refresh_token=RT-planted&client_id=${service.id}` },
      { access_token: 'AT-planted', expires_in: 1800 },
    ),
  );
  expect(lines).toEqual([
    `→ POST /token  grant_type=refresh_token refresh_token=***sha256:${fingerprint('RT-planted')} client_id=korus-service`,
    `← 200 in 12 ms  access_token=***sha256:${fingerprint('AT-planted')} expires_in=1800`,
  ]);
});

test('no secret is told, wherever it stands', () => {
  const { id, secret } = CLIENTS.reserved;
  const basic = Buffer.from(`${id}:${secret}`).toString('base64');
  const text = liveLines(
    exchange(
      {
        target: `/token?client_secret=${encodeURIComponent(secret)}&note=${encodeURIComponent(secret)}`,
        headers: [['Authorization', `Basic ${basic}`]],
        body: new URLSearchParams({ ...USERS.zoe, scope: USERS.zoe.password }).toString(),
      },
      { error_description: `not ${secret}`, code: 'CODE-planted' },
    ),
  ).join('\n');
  for (const planted of [secret, basic, USERS.zoe.password, 'CODE-planted'])
    expect(text).not.toContain(planted);
});
