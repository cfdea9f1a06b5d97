import { createHash } from 'node:crypto';
import { EVERY_SERVER, plain, requirement } from '../../src/requirements/requirement.ts';
import { login } from '../../src/trial/logins.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { form } from '../../src/wire/exchange.ts';

// One challenge of four has no character in which the alphabets of Base64 differ.
const LOGINS = 8;

export default requirement({
  rule: 'The code challenge is the unpadded Base64url of the SHA-256 of the verifier, and says that it is.',
  sources: ['RFC 7636, sections 4.2 and 4.3', 'OAuth 2.1, section 4.1.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code'],
      servers: EVERY_SERVER,
      async run(stage) {
        const odd: string[] = [];
        for (let i = 0; i < LOGINS; i++) {
          const client = await stage.openLogin();
          const sent = new URL(await client.startLogin()).searchParams.get('code_challenge') ?? '';
          if (!/^[\w-]{43}$/.test(sent)) odd.push(sent);
        }
        must(odd.length === 0, '43 characters of Base64url', odd[0]);
        const { authorizationUrl, outcome } = await login(await stage.openLogin());
        const asked = new URL(authorizationUrl).searchParams;
        const method = asked.get('code_challenge_method');
        must(method === 'S256', 'code_challenge_method=S256', method);
        const challenge = asked.get('code_challenge') ?? '';
        const [exchange] = stage.grants;
        reach(exchange !== undefined, 'a token request', outcome);
        const verifier = form(exchange.request).get('code_verifier') ?? '';
        const made = createHash('sha256').update(verifier, 'ascii').digest('base64url');
        must(made === challenge, 'the challenge of the verifier', 'another one');
        reach(outcome.outcome === 'ok', 'a login', outcome);
      },
    }),
  },
});
