import { edit, mutants } from '../../src/mutants/mutant.ts';

const TAKE = 'const lock = await takeLock(file, { limitMs: this.#limitMs, since });';
const NO_LOCK =
  'const lock = { held: () => Promise.resolve(true), release: () => Promise.resolve() };';

export default mutants({
  a: edit(
    'token_client.ts',
    '        server,\n        clientId,',
    '        server: `${server}/`,\n        clientId,',
    'stores under a key of its own making',
  ),
  'a-scope': edit(
    'token_client.ts',
    '        user: grant.user,\n        scope,',
    '        user: grant.user,\n        scope: undefined,',
    'forgets the scopes in the key',
  ),
  b: edit('store/shared_file.ts', TAKE, NO_LOCK, 'knows no lock but its own', {
    collateral: ['refresh.cross-process'],
  }),
  'b-yields': {
    does: 'leaves the refresh to another one that is at work, and goes on with the token it has',
    collateral: ['refresh.cross-process', 'refresh.failure.state'],
    edits: [
      { file: 'store/shared_file.ts', find: TAKE, replace: NO_LOCK },
      {
        file: 'renewal.ts',
        find: 'if (tokens.refresh_sent_at !== undefined) {',
        replace:
          'if (tokens.refresh_sent_at !== undefined) {\n      return new Token(tokens, this.#parts.clock);',
      },
    ],
  },
  c: edit(
    'renewal.ts',
    'const takeable = newer && (current !== undefined || !force);',
    'const takeable = newer && !force;',
    'refreshes although somebody else has just done it',
    { collateral: ['refresh.*', 'api.401.*'] },
  ),
});
