import { edit, mutants } from '../../../src/mutants/mutant.ts';

export default mutants({
  a: edit(
    'authorization_code/loopback_address.ts',
    '    const busy =',
    '    if (port !== 0) return listenOnLoopback(server, 0);\n    const busy =',
    'takes another port',
  ),
});
