import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'openid/jwks.ts';

export default mutants({
  a: edit(
    FILE,
    'const newer = await this.#newerThan(keys);',
    'const newer = undefined;',
    'never asks for the keys again',
  ),
  'a-known': edit(
    FILE,
    'if (this.#clock.monotonic() - this.#fetchedAt < MAX_AGE_MS) return this.#keys;',
    '',
    'asks for the keys with every ID token',
  ),
  b: edit(
    FILE,
    'if (now - this.#lookedAgainAt < COOL_DOWN_MS) return undefined;',
    '',
    'asks for the keys with every unknown kid',
  ),
});
