import { expect, test } from 'vitest';
import { endSessionUrl, isReturnOfLogout } from '../src/end_session.ts';
import { Secret } from '../src/secret.ts';

const ENDPOINT = new URL('https://id.example/logout?tenant=a%2Bb');
const query = (url: URL) => Object.fromEntries(url.searchParams);

test('the request names client, ID token, return address and state, and keeps the endpoint', () => {
  const url = endSessionUrl(ENDPOINT, {
    clientId: 'korus-web',
    idToken: new Secret('a.b.c'),
    postLogoutRedirectUri: 'http://127.0.0.1:5555/bye?x=1&y=2',
    state: 'zz',
  });
  expect(query(url)).toEqual({
    tenant: 'a+b',
    id_token_hint: 'a.b.c',
    client_id: 'korus-web',
    post_logout_redirect_uri: 'http://127.0.0.1:5555/bye?x=1&y=2',
    state: 'zz',
  });
  expect(ENDPOINT.href).toBe('https://id.example/logout?tenant=a%2Bb');
});

test('what there is not is left out, and so is a state without a return address', () => {
  const url = endSessionUrl(ENDPOINT, { clientId: 'korus-web', state: 'zz' });
  expect(query(url)).toEqual({ tenant: 'a+b', client_id: 'korus-web' });
});

test.each([
  ['?state=zz', true],
  ['?state=yy', false],
  ['?state=zz&state=yy', false],
  ['?state=', false],
  ['', false],
])('a return with %j answers the logout: %j', (search, expected) => {
  expect(isReturnOfLogout(new URL(`http://127.0.0.1:5555/bye${search}`), 'zz')).toBe(expected);
});
