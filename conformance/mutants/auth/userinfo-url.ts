import { edit, mutants } from '../../src/mutants/mutant.ts';

const WHAT = 'const what = `POST ${url.origin}${url.pathname}`;';
const BASIC = "    clientAuth: settings.clientAuth ?? (secret ? 'basic' : undefined),\n";
const given = 'credentials.clientId}:${credentials.clientSecret?.reveal()}';

export default mutants({
  a: edit(
    'token_endpoint.ts',
    WHAT,
    `const what = grant.grant_type === 'password' ? \`POST \${url.origin.replace('://', \`://\${${given}@\`)}\${url.pathname}\` : \`POST \${url.origin}\${url.pathname}\`;`,
    'prints the URL with its credentials',
  ),
  'a-referer': edit(
    'token_endpoint.ts',
    '  authenticate(credentials, headers, form);',
    `  authenticate(credentials, headers, form);\n  if (grant.grant_type === 'password') headers.set('Referer', \`http://\${${given}@\${url.host}/\`);`,
    'sends the URL as Referer',
  ),
  'a-form': edit(
    'url_credentials.ts',
    BASIC,
    "    clientAuth: settings.clientAuth ?? (secret ? 'post' : undefined),\n",
    'puts them into the form',
  ),
  'a-refused': edit(
    'url_credentials.ts',
    "  if (!url || (url.username === '' && url.password === '')) return settings;",
    '  if (true) return settings;',
    'refuses such a URL',
    { blocks: true },
  ),
  c: edit(
    'url_credentials.ts',
    '(isOthers ? undefined : secret)',
    'secret',
    'sends the secret for any id',
  ),
});
