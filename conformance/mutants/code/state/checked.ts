import { edit, mutants } from '../../../src/mutants/mutant.ts';

const FILE = 'authorization_code/authorization_response.ts';
const CARRIES =
  "  return url.searchParams.getAll('state').some((value) => sameText(value, state));";

export default mutants({
  a: edit(FILE, CARRIES, '  return true;', 'never compares'),
  'a-pasted': edit(
    FILE,
    '  if (!carriesState(url, expected.state)) {',
    '  if (false) {',
    'compares at its listener only',
  ),
  'a-listener': {
    does: 'compares what is pasted only',
    edits: [
      {
        file: 'authorization_code/callback_requests.ts',
        find: '    if (!carriesState(callback, this.#expected.state)) {',
        replace: '    if (false) {',
      },
      {
        file: 'authorization_code/callback_requests.ts',
        find: '      const code = readCallback(callback, this.#expected);',
        replace:
          "      const code = callback.searchParams.get('code') ?? readCallback(callback, this.#expected);",
      },
    ],
  },
  'a-part': edit(
    FILE,
    CARRIES,
    CARRIES.replace('sameText(value, state)', 'state.startsWith(value)'),
    'compares the beginning',
  ),
  b: edit(FILE, CARRIES, CARRIES.replace('.some(', '.every('), 'compares only if there is one'),
});
