import { edit, mutants } from '../../../src/mutants/mutant.ts';

const SEND = "await transport(url, { method: 'POST', headers, body: form })";
const ANSWERED = '    const text = await boundedText(response, what);';

export default mutants({
  a: edit(
    'token_endpoint.ts',
    SEND,
    `await transport(url, { method: 'POST', headers, body: form }).then((answer) => (answer.status === 401 ? ${SEND.slice(6)} : answer))`,
    'retries after a 401',
  ),
  'a-status': edit(
    'token_endpoint.ts',
    SEND,
    `await transport(url, { method: 'POST', headers, body: form }).then((answer) => (answer.status === 400 && answer.text.includes('invalid_client') ? ${SEND.slice(6)} : answer))`,
    'retries after invalid_client with 400',
  ),
  'a-refresh': edit(
    'renewal.ts',
    "error.class === 'invalid_grant'",
    "['invalid_grant', 'invalid_client'].includes(error.class)",
    'tries the grant when the refresh is refused for its client authentication',
  ),
  'a-style': edit(
    'token_endpoint.ts',
    SEND,
    `await transport(url, { method: 'POST', headers, body: form }).then((answer) => {
      if (answer.status !== 401 || !headers.has('Authorization')) return answer;
      headers.delete('Authorization');
      authenticate({ ...credentials, method: 'post' }, headers, form);
      return ${SEND.slice(6)};
    })`,
    'tries the other authentication method',
  ),
  b: edit(
    'exchange.ts',
    ANSWERED,
    `    if (response.status === 401 && response.headers.get('WWW-Authenticate')?.startsWith('Basic') && init.body instanceof URLSearchParams) {
      const credentials = Buffer.from(init.body.get('client_id') + ':' + init.body.get('client_secret')).toString('base64');
      const again = await fetch(url, { ...init, headers: { Authorization: 'Basic ' + credentials } });
      return { status: again.status, text: await again.text(), headers: again.headers };
    }
${ANSWERED}`,
    'answers a challenge with Basic by itself',
  ),
  c: edit(
    'token_response.ts',
    "  unauthorized_client: 'invalid_client',\n",
    '',
    'has no class for a wrong secret as Keycloak calls it',
    { collateral: ['err.reported'] },
  ),
});
