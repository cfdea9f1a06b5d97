import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'pending_login.ts';
const SENT = 'code: code.reveal(),';

export default mutants({
  a: edit(FILE, SENT, 'code: decodeURIComponent(code.reveal()),', 'decodes twice'),
  'a-encoded': edit(FILE, SENT, 'code: encodeURIComponent(code.reveal()),', 'encodes twice'),
  'a-plus': edit(
    FILE,
    SENT,
    "code: code.reveal().replaceAll('+', ' '),",
    'reads a plus sign as a space',
  ),
  'a-padding': edit(
    FILE,
    SENT,
    "code: code.reveal().replace('==', ''),",
    'strips what looks like padding',
  ),
  'a-cut': edit(FILE, SENT, 'code: code.reveal().slice(0, 1024),', 'cuts it'),
});
