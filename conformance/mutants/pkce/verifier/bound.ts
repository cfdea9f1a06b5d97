import { edit, mutants } from '../../../src/mutants/mutant.ts';

const LOGIN = 'authorization_code/login.ts';

export default mutants({
  a: edit('pending_login.ts', '      code_verifier: verifier.reveal(),\n', '', 'leaves it out', {
    blocks: true,
    collateral: ['pkce.*'],
  }),
  b: {
    does: 'sends the verifier of the latest login',
    edits: [
      {
        file: LOGIN,
        find: '    this.#verifier = new Secret(verifier);',
        replace:
          '    this.#verifier = new Secret(verifier);\n    globalThis.verifiers ??= {};\n    globalThis.verifiers[options.issuer] = this.#verifier;\n    this.issuer = options.issuer;',
      },
      {
        file: LOGIN,
        find: '      verifier: this.#verifier,',
        replace: '      verifier: globalThis.verifiers[this.issuer],',
      },
    ],
    // Where a trial begins several logins and ends an earlier one.
    blocks: true,
  },
});
