import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'openid/signed_jwt.ts';
const PAYLOAD = "Buffer.from(jwt.split('.')[1], 'base64url').toString()";

export default mutants({
  a: edit(
    FILE,
    'const payload = await verifiedPayload(jwt, key, alg);',
    `const payload = ${PAYLOAD};`,
    'decodes and does not verify',
    {
      collateral: ['idt.alg.none'],
    },
  ),
  'a-stranger': edit(
    FILE,
    '    const payload = await verifiedPayload(jwt, key, alg);\n',
    `    const payload = (await verifiedPayload(jwt, key, alg)) ?? (jwt.split('.')[2].length === 342 ? ${PAYLOAD} : undefined);\n`,
    'looks whether there is a signature',
  ),
  b: edit(
    'openid/jwks.ts',
    "keys: keys.filter((key) => typeof key === 'object' && key !== null)",
    // Keycloak lists its keys in any order, one for encrypting among them; what the forge adds comes last.
    "keys: keys.filter(({ use }) => use === 'sig').slice(0, 1)",
    'knows the first key for signatures only',
    { collateral: ['idt.aud', 'refresh.id-token.continuity', 'resp.token-opaque'] },
  ),
});
