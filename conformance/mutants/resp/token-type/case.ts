import { edit, mutants } from '../../../src/mutants/mutant.ts';

const COMPARE = "tokenType.toLowerCase() !== 'bearer'";

export default mutants({
  a: edit('token_response.ts', COMPARE, "tokenType !== 'Bearer'", 'compares with Bearer exactly', {
    collateral: ['api.bearer.header'],
  }),
  b: edit(
    'token_response.ts',
    COMPARE,
    "!['Bearer', 'bearer'].includes(tokenType)",
    'knows two spellings',
  ),
  c: edit(
    'token_response.ts',
    COMPARE,
    "!['Bearer', 'bearer', 'BEARER'].includes(tokenType)",
    'knows three spellings',
  ),
});
