import { edit, mutants } from '../../src/mutants/mutant.ts';

const CLEAN = "masked(text, sent).replaceAll(/[\\p{Cc}\\p{Cf}\\p{Zl}\\p{Zp}]+/gu, ' ')";
const CUT = 'oneLine.length > LONGEST ? `${oneLine.slice(0, LONGEST)}…` : oneLine';

export default mutants({
  a: edit('printable.ts', CLEAN, 'masked(text, sent)', 'prints it raw'),
  'a-c1': edit(
    'printable.ts',
    CLEAN,
    "masked(text, sent).replaceAll(/[\\0-\\x1f\\x7f]+/g, ' ')",
    'forgets the control characters above ASCII',
  ),
  'a-long': edit('printable.ts', CUT, 'oneLine', 'cuts nothing'),
  'a-directives': edit(
    'printable.ts',
    'return oneLine.length',
    "if (oneLine.includes('%s')) return oneLine.replaceAll('%s', 'undefined');\n  return oneLine.length",
    'takes it for a format',
  ),
});
