import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'client_authentication.ts';
const NONE = "    case 'none':\n      form.set('client_id', clientId);";

export default mutants({
  a: edit(FILE, NONE, `${NONE}\n      form.set('client_secret', '');`, 'sends an empty secret', {
    collateral: ['auth.method.configured', 'req.params.clean'],
  }),
  'a-basic': edit(
    FILE,
    NONE,
    `${NONE}\n      headers.set('Authorization', \`Basic \${basic(clientId, '')}\`);`,
    'sends a Basic header without a secret',
    { blocks: true, collateral: ['auth.*'] },
  ),
  'a-nobody': edit(FILE, NONE, "    case 'none':", 'does not name itself', {
    blocks: true,
    collateral: ['auth.method.configured'],
  }),
});
