import { mutants } from '../../src/mutants/mutant.ts';

const RUN = `    this.#underWay ??= work().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;`;
const FLIGHT = 'this.#flight.run(() => this.#follow(force, minValidity))';
const CALLERS = 'return this.#callers.run(() => this.#wait(0, false));';
// The store's lease is a lock of its own, and who has waited for it takes what the one before has stored: a client without any lock lacks both.
const LEASE = 'const mine = before.then(() => work(held));';
const flight = (replace: string) => ({ file: 'single_flight.ts', find: RUN, replace });
const lease = (replace: string) => ({ file: 'store/memory_store.ts', find: LEASE, replace });

export default mutants({
  a: {
    does: 'no lock',
    collateral: ['cache.failure-not-cached', 'refresh.newer-token-wins'],
    edits: [flight('    return work();'), lease('const mine = work(held);')],
  },
  b: {
    does: 'one after the other, each with a refresh of its own',
    collateral: ['cache.failure-not-cached', 'refresh.newer-token-wins'],
    edits: [
      flight('    return work();'),
      {
        file: 'renewal.ts',
        find: 'const takeable = newer && (current !== undefined || !force);',
        replace: 'const takeable = newer && current === undefined && !force;',
      },
    ],
  },
  c: {
    does: 'turns away all but the first',
    collateral: ['cache.failure-not-cached', 'refresh.newer-token-wins'],
    edits: [
      flight(
        "    if (this.#underWay) return Promise.reject(new Error('a refresh is under way'));\n    this.#underWay = work().finally(() => (this.#underWay = undefined));\n    return this.#underWay;",
      ),
    ],
  },
  d: {
    does: 'a lock that ends before the refresh does',
    collateral: ['refresh.newer-token-wins'],
    edits: [
      flight(
        '    if (!this.#underWay) {\n      const end = () => (this.#underWay = undefined);\n      this.#underWay = work().finally(end);\n      setTimeout(end, 300);\n    }\n    return this.#underWay;',
      ),
      lease(
        'const ends = new Promise((resolve) => setTimeout(resolve, 100));\n    const mine = Promise.race([before, ends]).then(() => work(held));',
      ),
    ],
  },
  e: {
    does: 'a lock for the first grant only',
    collateral: ['refresh.newer-token-wins'],
    edits: [
      {
        file: 'token_life.ts',
        find: FLIGHT,
        replace: `(this.#token ? this.#follow(force, minValidity) : ${FLIGHT})`,
      },
      { file: 'token_life.ts', find: CALLERS, replace: 'return this.#wait(0, false);' },
      lease('const mine = this.#entries.has(key) ? work(held) : before.then(() => work(held));'),
    ],
  },
});
