import { edit, mutants } from '../../src/mutants/mutant.ts';

const RUN = `this.#underWay ??= work().finally(() => {
      this.#underWay = undefined;
    });`;
// Whoever remembers a failure of a refresh can make no use of the refresh token after it.
const collateral = ['refresh.failure.state', 'refresh.rt-once', 'sec.output'];

export default mutants({
  a: edit(
    'single_flight.ts',
    RUN,
    `this.#underWay ??= work().then((result) => {
      this.#underWay = undefined;
      return result;
    });`,
    'keeps the rejected promise',
    { collateral },
  ),
  b: edit(
    'single_flight.ts',
    RUN,
    `if (this.#underWay) return this.#underWay.catch(() => this.run(work));
    this.#underWay = work().finally(() => {
      this.#underWay = undefined;
    });`,
    'gives the error to the first caller only',
  ),
  c: edit(
    'cool_down.ts',
    'const FREE_FAILURES = 2;',
    'const FREE_FAILURES = 0;',
    'makes a pause after the first failure already',
    { collateral },
  ),
});
