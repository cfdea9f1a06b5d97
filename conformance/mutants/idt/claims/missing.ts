import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'openid/id_token_checks.ts';

export default mutants({
  a: edit(
    FILE,
    "return typeof sub === 'string' && sub !== '' ?",
    'return true ?',
    'does without a subject',
  ),
  b: edit(
    FILE,
    'if (!isTime(iat)) return',
    'if (iat !== undefined && !isTime(iat)) return',
    'does without a time of issue',
  ),
  c: edit(
    FILE,
    'if (!isTime(exp)) return',
    'if (exp !== undefined && !isTime(exp)) return',
    'takes one without expiry for one that lives for ever',
  ),
});
