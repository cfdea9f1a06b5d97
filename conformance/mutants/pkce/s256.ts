import { edit, mutants } from '../../src/mutants/mutant.ts';

const FILE = 'authorization_code/pkce.ts';
const DIGEST = ".digest('base64url');";
// Keycloak refuses the exchange, or the request already.
const refused = { blocks: true, collateral: ['pkce.verifier.bound'] };

export default mutants({
  a: edit(FILE, DIGEST, ".digest('base64url') + '=';", 'pads', refused),
  'a-hex': edit(FILE, DIGEST, ".digest('hex');", 'writes hexadecimal digits', refused),
  'a-alphabet': edit(
    FILE,
    DIGEST,
    ".digest('base64').replace(/=+$/, '').replace(/^./, '+');",
    'takes the alphabet of Base64',
    refused,
  ),
  'a-plain': {
    does: 'sends the verifier as plain',
    edits: [
      {
        file: FILE,
        find: "  return createHash('sha256').update(verifier, 'ascii').digest('base64url');",
        replace: '  return verifier;',
      },
      {
        file: 'authorization_code/authorization_request.ts',
        find: "code_challenge_method: 'S256',",
        replace: "code_challenge_method: 'plain',",
      },
    ],
    ...refused,
  },
  'a-method': edit(
    'authorization_code/authorization_request.ts',
    "      code_challenge_method: 'S256',\n",
    '',
    'leaves the method out',
    { ...refused, collateral: ['code.request.params'] },
  ),
  'a-double': edit(
    FILE,
    ".update(verifier, 'ascii')",
    ".update(Buffer.from(verifier, 'base64url'))",
    'hashes the bytes behind the verifier',
    refused,
  ),
});
