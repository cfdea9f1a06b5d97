import { edit, mutants } from '../../src/mutants/mutant.ts';

const FILE = 'openid/id_token_checks.ts';
const SAME = 'iss === issuer ? undefined';

export default mutants({
  a: edit(FILE, SAME, 'true ? undefined', 'does not compare'),
  'a-prefix': edit(
    FILE,
    SAME,
    'String(iss).startsWith(issuer) ? undefined',
    'compares the beginning',
  ),
  'a-shorter': edit(
    FILE,
    SAME,
    'issuer.startsWith(String(iss)) ? undefined',
    'takes the beginning of the issuer',
  ),
  'a-slash': edit(
    FILE,
    SAME,
    "String(iss).replace(/\\/$/, '') === issuer ? undefined",
    'overlooks a slash at the end',
  ),
  'a-present': edit(
    FILE,
    SAME,
    'iss === undefined || iss === issuer ? undefined',
    'compares only if there is one',
  ),
});
