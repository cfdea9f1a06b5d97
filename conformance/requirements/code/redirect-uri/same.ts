import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { login } from '../../../src/trial/logins.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form } from '../../../src/wire/exchange.ts';

export default requirement({
  rule: 'The token request repeats the redirect URI of the authorization request, as the same text.',
  sources: ['RFC 6749, section 4.1.3', 'OpenID Connect Core 1.0, section 3.1.3.2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['authorization_code'],
      async run(stage) {
        const { authorizationUrl, outcome } = await login(await stage.openLogin());
        const [exchange] = stage.grants;
        reach(exchange !== undefined, 'a token request', outcome);
        const asked = new URL(authorizationUrl).searchParams.get('redirect_uri');
        const repeated = form(exchange.request).getAll('redirect_uri');
        must(
          repeated.length === 1 && repeated[0] === asked,
          `redirect_uri=${asked ?? ''}, once`,
          repeated,
        );
        reach(outcome.outcome === 'ok', 'a login', outcome);
      },
    }),
  },
});
