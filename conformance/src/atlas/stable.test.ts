import { expect, test } from 'vitest';
import { CLIENTS, USERS } from '../trial/clients.ts';
import type { Exchange } from '../wire/exchange.ts';
import { stabilizer, stableLifetime, stableParameters, stableUrl } from './stable.ts';

const TOKEN = 'eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl';

function stage(port: number, token: string) {
  const answer = { status: 200, headers: {}, body: JSON.stringify({ access_token: token }) };
  const request = { method: 'POST', target: '/token', headers: [], body: '' };
  const wire: Exchange[] = [{ endpoint: 'token', request, at: 0, upstream: answer }];
  const [tokenUrl, apiUrl] = [`http://127.0.0.1:${port}/token`, `http://127.0.0.1:${port + 1}`];
  return { wire, tokenUrl, apiUrl };
}

test('two runs with other ports and tokens give the same text', () => {
  const texts = [stage(40_001, TOKEN), stage(51_007, 'another-token')].map((one) => {
    const [token = ''] = [one.wire[0]?.upstream?.body ?? ''].map(
      (body) => (JSON.parse(body) as { access_token: string }).access_token,
    );
    const { port } = new URL(one.tokenUrl);
    const issuer = encodeURIComponent(`http://127.0.0.1:${port}/realms/x`);
    return stabilizer(one)(
      `GET ${one.apiUrl}/v1 with ${token} of ${one.tokenUrl}, iss=${issuer}, back to http%3A%2F%2F127.0.0.1%3A${Number(port) + 9}%2Fcallback`,
    );
  });
  expect(texts[0]).toBe(
    'GET <api>/v1 with AT1 of <server>/token, iss=<server>%2Frealms%2Fx, back to <client>%2Fcallback',
  );
  expect(texts[1]).toBe(texts[0]);
});

test('secrets and passwords of the realm become labels, in a form too', () => {
  const fields = new URLSearchParams({
    username: USERS.zoe.username,
    password: USERS.zoe.password,
    client_secret: CLIENTS.reserved.secret,
  });
  const text = stabilizer(stage(40_001, TOKEN))(fields.toString());
  expect(text).toContain('password=PASSWORD&client_secret=CLIENT_SECRET');
});

test('what is random in a query becomes its name, what speaks stays', () => {
  expect(
    stableUrl('/cb?error=access_denied&state=x9&session_state=17&code=abc&error_description=No'),
  ).toBe(
    '/cb?error=access_denied&state=STATE&session_state=SESSION_STATE&code=CODE&error_description=No',
  );
  expect(stableParameters('code=CODE1&nonce=q&scope=openid')).toBe(
    'code=CODE1&nonce=NONCE&scope=openid',
  );
});

test('a lifetime is the same before and after the turn of a second', () => {
  expect([1799, 1800].map(stableLifetime)).toEqual([1800, 1800]);
});
