import { mutants } from '../../../src/mutants/mutant.ts';

const GRANT = 'return this.#keep(await request(fields), sentAt, {}, scope, held);';
const REFRESH = 'this.#keep(await request(fields, tokens), sentAt, tokens,';
const grant = {
  file: 'renewal.ts',
  find: GRANT,
  replace: GRANT.replace('sentAt', 'this.#seconds()'),
};
const refresh = {
  file: 'renewal.ts',
  find: REFRESH,
  replace: REFRESH.replace('sentAt', 'this.#seconds()'),
};

// After a slow answer it thinks that there is more left than the margin, and sends a token that is too old.
const collateral = ['cache.margin', 'cache.renew.expired'];

export default mutants({
  'a-grant': { does: 'counts a first token from arrival', edits: [grant], collateral },
  'a-refresh': { does: 'counts a refreshed token from arrival', edits: [refresh], collateral },
});
