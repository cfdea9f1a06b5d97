import { edit, mutants } from '../../src/mutants/mutant.ts';

const FILE = 'openid/userinfo.ts';
const GIVE = '  return claims;\n}\n\nfunction isAbout';

export default mutants({
  a: edit(FILE, GIVE, '  return { sub: claims.sub };\n}\n\nfunction isAbout', 'ignores the answer'),
  'a-text': edit(
    FILE,
    GIVE,
    '  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)]));\n}\n\nfunction isAbout',
    'makes texts of all claims',
  ),
  'a-latin': edit(
    FILE,
    '  return jsonObject(text);',
    "  return jsonObject(Buffer.from(text, 'utf8').toString('latin1'));",
    'reads UTF-8 as Latin-1',
  ),
});
