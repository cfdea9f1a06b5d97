import { edit, mutants } from '../../src/mutants/mutant.ts';

const RUN = `    this.#underWay ??= work().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;`;

export default mutants({
  a: edit('single_flight.ts', RUN, '    return work();', 'no lock'),
  b: edit(
    'single_flight.ts',
    RUN,
    '    this.#underWay = (this.#underWay ?? Promise.resolve()).then(work, work);\n    return this.#underWay;',
    'one after the other, each with a refresh of its own',
  ),
  c: edit(
    'single_flight.ts',
    RUN,
    "    if (this.#underWay) return Promise.reject(new Error('a refresh is under way'));\n    this.#underWay = work().finally(() => (this.#underWay = undefined));\n    return this.#underWay;",
    'turns away all but the first',
  ),
  d: edit(
    'single_flight.ts',
    RUN,
    '    if (!this.#underWay) {\n      this.#underWay = work();\n      setTimeout(() => (this.#underWay = undefined), 300);\n    }\n    return this.#underWay;',
    'a lock that ends before the refresh does',
    {
      collateral: [
        'refresh.rotation.*',
        'resp.*',
        'cache.*',
        'api.*',
        'err.*',
        'refresh.*',
        'req.*',
        'sec.*',
        'auth.*',
      ],
    },
  ),
  e: edit(
    'token_client.ts',
    '    return this.#renewal.run(() => this.#renew());',
    '    return this.#refreshToken ? this.#renew() : this.#renewal.run(() => this.#renew());',
    'a lock for the first grant only',
  ),
});
