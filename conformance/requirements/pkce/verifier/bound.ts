import { createHash } from 'node:crypto';
import { EVERY_SERVER, plain, requirement } from '../../../src/requirements/requirement.ts';
import { loginUpToCallback } from '../../../src/trial/logins.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

export default requirement({
  rule: 'The token request carries the verifier of the login that the code belongs to.',
  sources: ['RFC 7636, section 4.5'],
  level: 'MUST',
  tier: 'core',
  cases: {
    // Two logins at once, ended in reverse order.
    a: plain({
      needs: ['authorization_code'],
      servers: EVERY_SERVER,
      async run(stage) {
        const clients = [await stage.openLogin(), await stage.openLogin()] as const;
        const begun = [
          await loginUpToCallback(clients[0]),
          await loginUpToCallback(clients[1]),
        ] as const;
        const outcomes = [
          await clients[1].tryFinishLogin(begun[1].callback.href),
          await clients[0].tryFinishLogin(begun[0].callback.href),
        ];
        const challenges = new Map(
          begun.map(({ authorizationUrl, callback }) => [
            callback.searchParams.get('code'),
            new URL(authorizationUrl).searchParams.get('code_challenge'),
          ]),
        );
        reach(stage.grants.length === 2, 'two token requests', outcomes);
        for (const { request } of stage.grants) {
          const fields = form(request);
          const verifier = fields.get('code_verifier');
          must(verifier !== null, 'a code_verifier', 'none');
          const made = createHash('sha256').update(verifier, 'ascii').digest('base64url');
          const bound = made === challenges.get(fields.get('code'));
          must(bound, "the verifier of the code's own login", 'another one');
        }
        const lost = outcomes.filter(({ outcome }) => outcome !== 'ok');
        reach(lost.length === 0, 'both logins', lost);
      },
    }),
  },
});
