import { edit, mutants } from '../../src/mutants/mutant.ts';

const SEND = "await transport(url, { method: 'POST', headers, body: form })";

// fetch refuses a GET with a body, so these speak through node:http.
const byHttp = (
  method: string,
  type = 'application/x-www-form-urlencoded',
  body = 'String(form)',
) => `await new Promise((resolve, reject) => {
  const body = ${body};
  const sent = { ...Object.fromEntries(headers), 'Content-Type': '${type}', 'Content-Length': Buffer.byteLength(body) };
  import('node:http').then(({ request }) => request(url, { method: '${method}', headers: sent }, (answer) => {
    let text = '';
    answer.on('data', (chunk) => (text += chunk)).on('end', () => resolve({ status: answer.statusCode ?? 0, text, headers: new Headers() }));
  }).on('error', reject).end(body));
})`;

// What other rules look for in the form is not there.
const FIELDS = ['auth.*', 'code.redirect-uri.same', 'pkce.*', 'req.grant.password'];
const token = (replace: string, does: string, collateral: readonly string[] = []) =>
  edit('token_endpoint.ts', SEND, replace, does, {
    blocks: true,
    collateral: [...FIELDS, ...collateral],
  });

export default mutants({
  a: token(byHttp('GET'), 'GET carrying a body'),
  b: token(byHttp('PUT'), 'PUT'),
  c: token(
    byHttp('POST', 'application/json', 'JSON.stringify(Object.fromEntries(form))'),
    'a JSON body',
  ),
  d: token(byHttp('POST', 'text/plain'), 'a form sent as text/plain'),
  e: token(
    `grant.grant_type === 'refresh_token' ? ${byHttp('GET')} : ${SEND}`,
    'GET carrying a body, for refreshing only',
    [
      'cache.clock.elapsed',
      'api.401.*',
      'cache.renew.expired',
      'cache.refresh-expiry',
      'refresh.*',
      'resp.expires-in.string',
    ],
  ),
  f: token(
    `await transport(new URL('?' + form, url), { method: 'GET', headers })`,
    'GET with the form as its query',
    ['req.params.body-only'],
  ),
});
