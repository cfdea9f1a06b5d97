import { edit, mutants } from '../../src/mutants/mutant.ts';

const SAVE = '    await this.#save(record, held);\n    return new Token';
const LEASE = 'return (await store.lease(key, async () => {';
const END = 'return run();\n      })) as Result;';

export default mutants({
  a: {
    // It holds the lock until it has stored, so that other processes are none the worse for it.
    does: 'gives the token, and stores it 100 ms later',
    edits: [
      {
        file: 'renewal.ts',
        find: LEASE,
        replace:
          'return (await new Promise((given, failed) => void store.lease(key, async () => {\n        this.given = given;',
      },
      {
        file: 'renewal.ts',
        find: END,
        replace: 'return run();\n      }).then(given, failed))) as Result;',
      },
      {
        file: 'renewal.ts',
        find: SAVE,
        replace: `    if (current.refresh_token !== undefined) {
      this.given(new Token(record, this.#parts.clock));
      await new Promise((later) => setTimeout(later, 100));
    }
${SAVE}`,
      },
    ],
  },
  b: edit(
    'renewal.ts',
    SAVE,
    `    if (current.refresh_token !== undefined) this.#unsaved = { tokens: record, version: held.version };
    else await this.#save(record, held);
    return new Token`,
    'stores what a refresh has brought at the next refresh only',
    // Who has waited for the lock finds the refresh token that is spent.
    { collateral: ['refresh.cross-process', 'refresh.hand-over', 'refresh.newer-token-wins'] },
  ),
  c: edit(
    'store/shared_file.ts',
    'const next = withEntry(file, key, tokens);',
    'const refresh_token = readEntry(entry)?.refresh_token ?? tokens?.refresh_token;\n    const next = withEntry(file, key, tokens && { ...tokens, refresh_token });',
    'stores the new access token with the old refresh token',
    { collateral: ['refresh.hand-over'] },
  ),
});
