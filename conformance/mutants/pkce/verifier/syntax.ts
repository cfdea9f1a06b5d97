import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'authorization_code/pkce.ts';
const VERIFIER = '  return unguessable();';
const refused = { blocks: true };

export default mutants({
  a: edit(FILE, VERIFIER, '  return unguessable().slice(0, 32);', 'has 32 characters', refused),
  'a-long': edit(
    FILE,
    VERIFIER,
    '  return unguessable().repeat(3);',
    'has 129 characters',
    refused,
  ),
  'a-alphabet': edit(
    FILE,
    VERIFIER,
    '  return `${unguessable()}+/=`;',
    'takes characters of Base64',
    refused,
  ),
});
