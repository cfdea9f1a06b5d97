import { requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustLogIn, mustSendInForm } from '../../src/trial/sample-login.ts';
import { mustPrintToken } from '../../src/trial/sample-output.ts';
import { must } from '../../src/verdict/verdict.ts';
import { basicCredentials, jsonBody } from '../../src/wire/exchange.ts';

export default requirement({
  rule: 'The sample authorization_code_confidential logs a person in at a client with a secret, which authenticates the exchange.',
  sources: ['docs/samples.md', 'RFC 6749, sections 2.3.1, 3.2.1 and 4.1.3'],
  level: 'practice',
  tier: 'core',
  cases: {
    login: sample({
      sample: 'authorization_code_confidential',
      async run(stage) {
        const run = await stage.runLogin(await stage.settings(CLIENTS.web));
        mustLogIn(run, stage);
        const [exchange] = stage.tokenRequests;
        const sent = exchange && basicCredentials(exchange.request);
        must(
          sent?.clientId === CLIENTS.web.id && sent.clientSecret === CLIENTS.web.secret,
          'id and secret in the Basic header',
          sent?.clientId ?? 'none',
        );
        mustPrintToken(run.stdout, jsonBody(exchange?.response));
      },
    }),
    // As its documentation shows it. At Keycloak it is how a wrong secret comes (`sample.refused`).
    'login-post': sample({
      sample: 'authorization_code_confidential',
      servers: ['django-oidc-provider'],
      async run(stage) {
        const settings = await stage.settings(CLIENTS.web);
        const run = await stage.runLogin({ ...settings, OAUTH_CLIENT_AUTH: 'post' });
        mustLogIn(run, stage);
        mustSendInForm(stage, CLIENTS.web);
        mustPrintToken(
          run.stdout,
          jsonBody(stage.tokenRequests[0]?.response),
          settings['OAUTH_SCOPE'],
        );
      },
    }),
  },
});
