import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'authorization_code/loopback_address.ts';

export default mutants({
  a: edit(
    FILE,
    "const LOOPBACK = '127.0.0.1';",
    "const LOOPBACK = 'localhost';",
    'says localhost',
    {
      blocks: true,
      // Its state goes to nobody, since the server knows no such address.
      collateral: ['code.request.params'],
    },
  ),
  b: edit(
    FILE,
    'server.listen({ host: LOOPBACK, port });',
    'server.listen({ port });',
    'listens on every address',
  ),
  'b-v4': edit(
    FILE,
    'server.listen({ host: LOOPBACK, port });',
    "server.listen({ host: '0.0.0.0', port });",
    'listens on every address of IPv4',
  ),
});
