import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'pending_login.ts';
const SENT = '      redirect_uri: redirectUri,\n';

export default mutants({
  a: edit(FILE, SENT, '', 'leaves it out', { blocks: true }),
  b: edit(FILE, SENT, '      redirect_uri: `${redirectUri}/`,\n', 'adds a slash', { blocks: true }),
  'b-host': edit(
    FILE,
    SENT,
    "      redirect_uri: redirectUri.replace('127.0.0.1', 'localhost'),\n",
    'gives the host another name',
    { blocks: true },
  ),
});
