import { edit, mutants } from '../../src/mutants/mutant.ts';

const POST = "const answer = await transport(url, { method: 'POST', headers, body: form });";
const REVOKE = 'await revokeTokens(revokeUrl, token, credentials, transport);';

export default mutants({
  a: edit('logout.ts', 'if (revokeUrl) {', 'if (false) {', 'does not tell the server', {
    collateral: ['sess.logout.local-clear'],
  }),
  'a-get': edit(
    'revocation.ts',
    POST,
    "const answer = await transport(new URL(`${url}?${form}`), { method: 'GET', headers });",
    'revokes with GET',
    { collateral: ['sess.logout.*'] },
  ),
  'a-public': edit(
    'revocation.ts',
    'authenticate(credentials, headers, form);',
    "form.set('client_id', credentials.clientId);",
    'does not authenticate',
  ),
  'a-access': edit(
    'logout.ts',
    REVOKE,
    'await revokeTokens(revokeUrl, { accessToken: token.accessToken }, credentials, transport);',
    'revokes the access token only',
  ),
  'a-json': edit(
    'revocation.ts',
    POST,
    `headers.set('Content-Type', 'application/json');
    const answer = await transport(url, { method: 'POST', headers, body: JSON.stringify(Object.fromEntries(form)) });`,
    'revokes with JSON',
    { collateral: ['sess.logout.*'] },
  ),
  b: edit(
    'revocation.ts',
    'if (answer.status === 200) return;',
    'if (answer.status === 200 || answer.status === 503) return;',
    'calls 503 done',
  ),
  'b-class': edit(
    'revocation.ts',
    "if (status >= 500) return 'unavailable';",
    "if (status >= 500) return 'invalid_response';",
    'calls an outage an invalid answer',
  ),
  'b-unknown': edit(
    'token_client.ts',
    'const atHand = this.#life.token;',
    'const atHand = await this.getToken({ forceRefresh: true });',
    'wants a live token to log out',
  ),
});
