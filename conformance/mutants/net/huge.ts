import { edit, mutants } from '../../src/mutants/mutant.ts';

const OVER = '    if (size > SIZE_LIMIT_BYTES) {';

export default mutants({
  a: edit('exchange.ts', OVER, '    if (size > Infinity) {', 'reads all'),
  'a-length': edit(
    'exchange.ts',
    OVER,
    "    if (Number(response.headers.get('Content-Length')) > SIZE_LIMIT_BYTES) {",
    'believes what Content-Length says',
  ),
  'a-late': edit('exchange.ts', OVER, '    if (size > 64 * SIZE_LIMIT_BYTES) {', 'stops at 64 MiB'),
  c: edit(
    'exchange.ts',
    OVER,
    "    if (size > SIZE_LIMIT_BYTES && !response.headers.has('Content-Encoding')) {",
    'bounds only what is not compressed',
  ),
});
