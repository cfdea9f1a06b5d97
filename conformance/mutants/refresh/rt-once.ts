import { edit, mutants } from '../../src/mutants/mutant.ts';

const KEPT = 'await this.#save({ ...tokens, refresh_sent_at: undefined }, marked);';
const SEND = 'return await this.#keep(await request(fields, tokens), sentAt,';

export default mutants({
  a: {
    does: 'goes back to the refresh token before after an error',
    edits: [
      {
        file: 'renewal.ts',
        find: KEPT,
        replace:
          'await this.#save({ ...tokens, refresh_token: this.before ?? tokens.refresh_token, refresh_sent_at: undefined }, marked);',
      },
      {
        file: 'renewal.ts',
        find: SEND,
        replace: `const response = await request(fields, tokens);
      this.before = tokens.refresh_token;
      return await this.#keep(response, sentAt,`,
      },
    ],
  },
  'a-first': edit(
    'renewal.ts',
    SEND,
    `this.first ??= tokens.refresh_token;
      const first = { ...fields, refresh_token: this.first };
      const fallback = (error) => { if (error.class !== 'unavailable') throw error; return request(first, tokens); };
      return await this.#keep(await request(fields, tokens).catch(fallback), sentAt,`,
    'tries the first refresh token when the newest one fails',
    { collateral: ['net.*'] },
  ),
  b: edit(
    'renewal.ts',
    SEND,
    `const again = (error) => { if (error.class !== 'network') throw error; return request(fields, tokens); };
      return await this.#keep(await request(fields, tokens).catch(again), sentAt,`,
    'posts it again after a reset',
  ),
  'b-transport': edit(
    'exchange.ts',
    '    const response = await fetchFunction(url, {',
    `    const fetchTwice = (to, how) => fetchFunction(to, how).catch((error) => {
      if (error.cause?.code !== 'ECONNRESET' && error.cause?.code !== 'UND_ERR_SOCKET') throw error;
      return fetchFunction(to, how);
    });
    const response = await fetchTwice(url, {`,
    'has an HTTP library that posts again after a reset',
    { collateral: ['code.single-use'] },
  ),
  'b-stuck': edit(
    'renewal.ts',
    "      log('a refresh was sent before",
    "      throw oauthError('network', 'nobody knows what became of the last refresh');\n      log('a refresh was sent before",
    'never tries again when an answer was lost',
    { collateral: ['refresh.failure.state'] },
  ),
});
