import { edit, mutants } from '../../src/mutants/mutant.ts';

const FILE = 'openid/id_token_checks.ts';
const EXPIRED = 'if (exp + tolerance <= now) return';

export default mutants({
  a: edit(FILE, EXPIRED, 'if (false) return', 'does not look'),
  'a-leeway': edit(
    FILE,
    EXPIRED,
    'if (exp + 600 <= now) return',
    'allows clocks to differ by ten minutes',
  ),
  'a-unit': edit(
    FILE,
    EXPIRED,
    'if ((exp + tolerance) * 1000 <= now) return',
    'takes seconds for milliseconds',
  ),
});
