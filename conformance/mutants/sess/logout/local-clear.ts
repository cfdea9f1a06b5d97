import { edit, mutants } from '../../../src/mutants/mutant.ts';

const END = 'const url = await endLogin(this.#server, [token, atHand], options);';

export default mutants({
  a: edit(
    'token_client.ts',
    'const { token, trouble } = await this.#renewal.forget();',
    'const [token, trouble] = [await this.#renewal.stored(), undefined];',
    'leaves the tokens in the store',
  ),
  b: edit(
    'token_client.ts',
    END,
    `const url = await endLogin(this.#server, [token, atHand], options).catch((error) => {
      this.#life.accept(atHand);
      throw error;
    });`,
    'goes on with the token at hand if the server cannot be told',
  ),
  'b-silent': edit(
    'token_client.ts',
    END,
    'const url = await endLogin(this.#server, [token, atHand], options).catch(() => undefined);',
    'does not say that the server could not be told',
    { collateral: ['sess.revoke'] },
  ),
});
