import { EVERY_SERVER, plain, requirement } from '../../../src/requirements/requirement.ts';
import { login } from '../../../src/trial/logins.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

export default requirement({
  rule: 'The code verifier has 43 to 128 unreserved characters.',
  sources: ['RFC 7636, section 4.1', 'OAuth 2.1, section 4.1.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code'],
      servers: EVERY_SERVER,
      async run(stage) {
        const { outcome } = await login(await stage.openLogin());
        const [exchange] = stage.grants;
        reach(exchange !== undefined, 'a token request', outcome);
        const verifiers = form(exchange.request).getAll('code_verifier');
        must(verifiers.length === 1, 'one code_verifier', verifiers.length);
        const [verifier = ''] = verifiers;
        must(
          /^[\w.~-]{43,128}$/.test(verifier),
          '43 to 128 of A-Z a-z 0-9 - . _ ~',
          `${verifier.length} characters, ${/^[\w.~-]*$/.test(verifier) ? 'all' : 'not all'} of them unreserved`,
        );
      },
    }),
  },
});
