import { edit, mutants } from '../../../src/mutants/mutant.ts';

const GRANT = 'return this.#keep(await request(fields), sentAt, {}, scope, held);';
const retrying = (again: string) =>
  `return this.#keep(await request(fields).catch((error) => { if (fields.grant_type !== 'password' || error.class !== 'invalid_grant') throw error; return ${again}; }), sentAt, {}, scope, held);`;

export default mutants({
  a: edit(
    'renewal.ts',
    GRANT,
    retrying('request(fields).catch(() => request(fields))'),
    'tries three times',
  ),
  'a-scope': edit(
    'renewal.ts',
    GRANT,
    retrying('request({ ...fields, scope: undefined })'),
    'tries again without a scope',
  ),
});
