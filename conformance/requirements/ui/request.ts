import { OPENID_SERVERS, plain, requirement } from '../../src/requirements/requirement.ts';
import { loggedIn } from '../../src/trial/logins.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { bearer, headers, jsonBody, query } from '../../src/wire/exchange.ts';

export default requirement({
  rule: 'UserInfo is asked with the access token in the Authorization header, and nowhere else.',
  sources: ['OpenID Connect Core 1.0, section 5.3.1', 'RFC 6750, sections 2.1 and 2.3'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code', 'openid'],
      servers: OPENID_SERVERS,
      async run(stage) {
        const client = await stage.openLogin();
        await loggedIn(client);
        const outcome = await client.tryUserInfo();
        const [asked] = stage.userInfoRequests;
        reach(asked !== undefined, 'a UserInfo request', outcome);
        const { request } = asked;
        must(query(request) === '', 'no query', 'one');
        const count = headers(request, 'authorization').length;
        const issued = jsonBody(stage.grants[0]?.response)?.['access_token'];
        must(
          count === 1 && bearer(request) === issued,
          'the access token in one Authorization header',
          `${count} headers, ${bearer(request) === issued ? 'the token' : 'another value'}`,
        );
        must(!request.body.includes('access_token'), 'no token in a body', 'one');
        reach(outcome.outcome === 'ok', 'claims', outcome);
      },
    }),
  },
});
