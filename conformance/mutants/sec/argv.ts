import { edit, mutants } from '../../src/mutants/mutant.ts';

const AUTHENTICATE = '  authenticate(credentials, headers, form);';
// Port 1 is closed: what counts is what the process list shows meanwhile.
const curl = (args: string) => `${AUTHENTICATE}
  const { execFile } = await import('node:child_process');
  await new Promise((resolve) => execFile('curl', ['-s', '-m', '1', ${args}, 'http://127.0.0.1:1/'], resolve));`;

export default mutants({
  a: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    curl("'-d', String(form)"),
    'shells out to curl with the form',
  ),
  b: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    curl("'-H', 'Authorization: ' + (headers.get('Authorization') ?? '')"),
    'shells out to curl with the Basic credentials',
  ),
  c: edit(
    'token_endpoint.ts',
    AUTHENTICATE,
    `${AUTHENTICATE}\n  process.title = \`token client \${credentials.clientSecret?.reveal()}\`;`,
    'puts the secret into its title',
  ),
});
