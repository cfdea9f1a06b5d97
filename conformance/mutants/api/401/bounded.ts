import { edit, mutants } from '../../../src/mutants/mutant.ts';

const REPEATED = 'if (refusesToken(repeated)) this.#life.refusedAgain(renewed);';
const END = 'return accepted(repeated, url, init, renewed);';
const end = (replace: string, does: string) => edit('token_client.ts', END, replace, does);

export default mutants({
  a: edit(
    'token_client.ts',
    REPEATED,
    'if (refusesToken(repeated)) return this.fetch(input, init);',
    'loops',
  ),
  b: end(
    'return accepted(refusesToken(repeated) ? await send(renewed) : repeated, url, init, renewed);',
    'repeats twice',
  ),
  c: edit(
    'token_client.ts',
    REPEATED,
    'if (refusesToken(repeated)) await this.getToken({ forceRefresh: true });',
    'renews twice',
  ),
  d: end('return repeated;', 'gives the second 401 out as an answer'),
  undici: {
    does: 'the interceptor repeats twice',
    edits: [
      {
        file: 'undici/token_handler.ts',
        find: '} else if (this.#repeated) {',
        replace: '} else if (this.#repeated && (this.tries = (this.tries ?? 0) + 1) > 1) {',
      },
      {
        file: 'undici/token_handler.ts',
        find: 'if (!this.#token) return this.#release(held);',
        replace: 'this.#token ??= refused;',
      },
    ],
  },
  e: edit(
    'protected_resource.ts',
    "oauthError('unauthorized',",
    "oauthError('forbidden',",
    'calls it forbidden',
  ),
});
