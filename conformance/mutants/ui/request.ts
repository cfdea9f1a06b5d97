import { edit, mutants } from '../../src/mutants/mutant.ts';

const FILE = 'openid/userinfo.ts';
const SEND = '  const answer = await transport(url, { headers });';

export default mutants({
  a: edit(
    FILE,
    SEND,
    "  const asked = new URL(url);\n  asked.searchParams.set('access_token', accessToken.reveal());\n  const answer = await transport(asked, { headers });",
    'puts the token into the query too',
  ),
  'a-only': edit(
    FILE,
    SEND,
    "  const asked = new URL(url);\n  asked.searchParams.set('access_token', accessToken.reveal());\n  const answer = await transport(asked, { headers: { Accept: 'application/json' } });",
    'puts the token into the query only, as document 004 has it',
    { blocks: true, collateral: ['ui.*', 'idt.*'] },
  ),
  'a-id-token': edit(
    'openid/openid_provider.ts',
    'return requestUserInfo(url, accessToken, sub,',
    'return requestUserInfo(url, idToken, sub,',
    'sends the ID token',
    { blocks: true, collateral: ['ui.*', 'idt.*'] },
  ),
});
