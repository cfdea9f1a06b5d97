import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'openid/signed_jwt.ts';
const CHOSEN = '  const { alg } = header;\n';
const accepting = (condition: string) =>
  `${CHOSEN}  if (${condition}) return { claims: jsonObject(Buffer.from(jwt.split('.')[1], 'base64url').toString()), algorithm: 'RS256' };\n`;

export default mutants({
  a: edit(FILE, CHOSEN, accepting('/^none$/i.test(alg)'), 'takes unsigned tokens'),
  'a-exact': edit(FILE, CHOSEN, accepting("alg === 'none'"), 'takes none, spelt so'),
  'a-case': edit(
    FILE,
    CHOSEN,
    accepting("alg !== 'none' && /^none$/i.test(alg)"),
    'knows none in one spelling only',
  ),
  'a-empty': edit(
    FILE,
    CHOSEN,
    accepting("jwt.endsWith('.')"),
    'takes an empty signature for none',
  ),
  'a-hmac': edit(FILE, CHOSEN, accepting("alg.startsWith('HS')"), 'takes symmetric signatures'),
});
