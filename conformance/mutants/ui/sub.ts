import { edit, mutants } from '../../src/mutants/mutant.ts';

const FILE = 'openid/userinfo.ts';
const SAME = "return claims['sub'] === sub && sub !== '';";

export default mutants({
  a: edit(FILE, SAME, 'return true;', 'does not compare'),
  'a-type': edit(
    FILE,
    SAME,
    "return typeof claims['sub'] === 'string' && claims['sub'] !== '';",
    'wants any subject',
  ),
  b: edit(
    FILE,
    SAME,
    "return claims['sub'] === undefined || claims['sub'] === sub;",
    'compares only if there is one',
  ),
  'b-empty': edit(
    FILE,
    SAME,
    "return claims['sub'] === '' || claims['sub'] === sub;",
    'takes an empty subject',
  ),
});
