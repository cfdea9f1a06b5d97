import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'authorization_code/login.ts';
const STATE = 'state: unguessable(), issuer';

export default mutants({
  a: edit(
    FILE,
    STATE,
    "state: 'constant-state-constant-state', issuer",
    'has one state for all logins',
  ),
  'a-time': edit(
    FILE,
    STATE,
    "state: String(performance.timeOrigin + performance.now()).padEnd(32, '0'), issuer",
    'takes the time for a state',
  ),
  'a-process': edit(
    FILE,
    STATE,
    'state: String(process.pid).padEnd(20, "-") + unguessable(), issuer',
    'begins with its process id',
  ),
  'a-short': edit(FILE, STATE, 'state: unguessable().slice(0, 12), issuer', 'has 72 bits'),
  'a-alphabet': edit(FILE, STATE, 'state: `${unguessable()}+/=`, issuer', 'needs to be encoded'),
});
