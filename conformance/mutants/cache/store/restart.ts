import { edit, mutants } from '../../../src/mutants/mutant.ts';

const READ = "return { ...tokens, token_type: 'Bearer' } as StoredTokens;";

export default mutants({
  a: edit(
    'token_client.ts',
    'store: store ?? new MemoryStore(),',
    'store: new MemoryStore(),',
    'keeps tokens in memory only',
    {
      // Without a file there is nothing that the other rules of the file could be tried on.
      collateral: [
        'cache.store.crash-safe',
        'refresh.cross-process',
        'refresh.hand-over',
        'refresh.newer-token-wins',
        'refresh.persist-before-use',
        'sec.file-mode',
        'sess.logout.local-clear',
      ],
    },
  ),
  b: edit(
    'store/token_file.ts',
    READ,
    `const now = Date.now() / 1000;
  const again = (moment) => (moment === undefined ? undefined : now + moment - tokens.issued_at);
  const { expires_at, refresh_expires_at } = tokens;
  const times = { issued_at: now, expires_at: again(expires_at), refresh_expires_at: again(refresh_expires_at) };
  return { ...tokens, ...times, token_type: 'Bearer' };`,
    'lets the lifetime begin anew with each reading',
  ),
  c: edit(
    'renewal.ts',
    'const takeable = newer && (current !== undefined || !force);',
    'const takeable = newer && current !== undefined;',
    'refreshes at each start, however fresh the stored token is',
  ),
  d: edit(
    'store/shared_file.ts',
    'const next = withEntry(file, key, tokens);',
    'const next = withEntry(file, key, tokens && { ...tokens, expires_at: undefined });',
    'does not store when the token expires',
  ),
});
