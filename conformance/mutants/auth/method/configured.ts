import { edit, mutants } from '../../../src/mutants/mutant.ts';

const SWITCH = '  switch (method) {';
const BASIC = "      headers.set('Authorization', `Basic ${basic(clientId, secret)}`);";

export default mutants({
  a: edit('client_authentication.ts', SWITCH, "  switch ('post') {", 'always in the body', {
    collateral: ['auth.*', 'req.params.clean'],
  }),
  b: edit('client_authentication.ts', SWITCH, "  switch ('basic') {", 'always Basic', {
    collateral: ['auth.public.client-id', 'req.grant.password', 'sess.revoke'],
  }),
  c: edit(
    'client_authentication.ts',
    BASIC,
    `${BASIC}\n      form.set('client_id', clientId);\n      form.set('client_secret', secret);`,
    'Basic, and in the body as well',
  ),
  d: edit(
    'client_authentication.ts',
    "      form.set('client_secret', secret);",
    "      form.set('client_secret', secret);\n      headers.set('Authorization', `Basic ${basic(clientId, secret)}`);",
    'in the body, and Basic as well',
  ),
  e: edit(
    'client_authentication.ts',
    SWITCH,
    "  switch (method === 'none' ? 'post' : method) {",
    'an empty secret for a public client',
    { collateral: ['req.params.clean', 'auth.public.client-id'] },
  ),
  f: edit(
    'settings.ts',
    "if (clientSecret && clientAuth === 'none') {",
    'if (false) {',
    'leaves a secret out without a word',
  ),
});
