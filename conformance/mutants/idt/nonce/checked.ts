import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'openid/id_token_checks.ts';
const SAME = 'if (sent === undefined || nonce === sent) return undefined;';

export default mutants({
  a: edit(FILE, SAME, 'if (true) return undefined;', 'does not compare'),
  'a-part': edit(
    FILE,
    SAME,
    'if (sent === undefined || String(nonce).startsWith(sent)) return undefined;',
    'compares the beginning',
  ),
  b: edit(
    FILE,
    SAME,
    'if (nonce === undefined || nonce === sent) return undefined;',
    'compares only if there is one',
  ),
});
