import { plain, requirement } from '../../src/requirements/requirement.ts';
import { USERS } from '../../src/trial/clients.ts';
import { loggedIn } from '../../src/trial/logins.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { jsonBody } from '../../src/wire/exchange.ts';

const CLAIMS = ['sub', 'name', 'given_name', 'family_name', 'preferred_username', 'email'];

export default requirement({
  rule: 'The claims that the scopes stand for reach the caller as the server sent them.',
  sources: ['OpenID Connect Core 1.0, sections 5.3.2 and 5.4'],
  level: 'practice',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code', 'openid'],
      async run(stage) {
        const client = await stage.openLogin();
        await loggedIn(client, { user: USERS.zoe });
        const outcome = await client.tryUserInfo();
        const sent = jsonBody(stage.userInfoRequests[0]?.response);
        reach(sent !== undefined, 'an answer of UserInfo', outcome);
        must(outcome.outcome === 'ok', 'claims', outcome);
        for (const name of CLAIMS) {
          must(
            outcome.claims[name] === sent[name],
            `${name}: ${String(sent[name])}`,
            outcome.claims[name] ?? 'nothing',
          );
        }
        must(
          outcome.claims['email_verified'] === true,
          'email_verified: true',
          outcome.claims['email_verified'],
        );
      },
    }),
  },
});
