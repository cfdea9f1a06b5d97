import { edit, mutants } from '../../../src/mutants/mutant.ts';

const GRANT = "{ grant_type: 'client_credentials', scope }";
const scope = (expression: string, does: string) =>
  edit(
    'grants/client_credentials.ts',
    GRANT,
    `{ grant_type: 'client_credentials', scope: ${expression} }`,
    does,
    { blocks: true },
  );

export default mutants({
  a: scope("scope?.replaceAll(' ', ',')", 'commas between scopes'),
  b: scope('scope?.toLowerCase()', 'scopes in lower case'),
  c: scope("scope?.split(' ')[0]", 'the first scope only'),
  d: scope("scope?.replaceAll(' ', '\\n')", 'a line each'),
  e: scope("scope && JSON.stringify(scope.split(' '))", 'a JSON list'),
  f: edit(
    'token_endpoint.ts',
    '  authenticate(credentials, headers, form);',
    "  authenticate(credentials, headers, form);\n  if (grant.scope?.includes(' ')) { form.delete('scope'); for (const one of grant.scope.split(' ')) form.append('scope', one); }",
    'a scope parameter for each scope',
    // Keycloak refuses a parameter that comes twice.
    { blocks: true, collateral: ['req.params.clean'] },
  ),
  g: scope("scope?.replaceAll(' ', '  ')", 'two spaces between scopes'),
});
