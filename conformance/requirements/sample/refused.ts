import { requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustSendInForm } from '../../src/trial/sample-login.ts';
import { mustExit } from '../../src/trial/sample-stage.ts';
import { must } from '../../src/verdict/verdict.ts';
import { INVALID_TOKEN } from '../../src/wire/fault.ts';

const WRONG = 'wrong';

export default requirement({
  rule: 'A sample that is refused for good gives up and says what was refused (exit code 1): a secret after one request, a token after one renewal.',
  sources: ['docs/samples.md', 'RFC 6749, section 5.2', 'RFC 6750, section 3.1'],
  level: 'practice',
  // As of the rules for clients that it follows: `err.client-auth.terminal`, `api.401.bounded`.
  tier: 'hardened',
  cases: {
    authorization_code_confidential: sample({
      sample: 'authorization_code_confidential',
      async run(stage) {
        const settings = await stage.settings(CLIENTS.web);
        const run = await stage.runLogin({
          ...settings,
          OAUTH_CLIENT_AUTH: 'post',
          OAUTH_CLIENT_SECRET: WRONG,
        });
        mustExit(run, 1);
        must(
          /unauthorized_client: .*\(HTTP 401\)/.test(run.stderr),
          "the server's error, description and status",
          run.stderr,
        );
        mustSendInForm(stage, { id: CLIENTS.web.id, secret: WRONG });
      },
    }),
    call_api: sample({
      sample: 'call_api',
      faults: [{ on: { endpoint: 'api' }, answer: INVALID_TOKEN }],
      async run(stage) {
        const settings = await stage.settingsWithoutDiscovery(CLIENTS.plain);
        const run = await stage.run({ ...settings, API_URL: await stage.apiUrl() });
        mustExit(run, 1);
        must(
          stage.grantTypes.join(' ') === 'client_credentials client_credentials',
          'the grant again after the 401',
          stage.grantTypes,
        );
        must(stage.apiRequests.length === 2, 'the call and one repeat', stage.apiRequests.length);
        must(run.stderr.includes('HTTP 401'), "'HTTP 401' on standard error", run.stderr);
        must(run.stdout === '', 'nothing on standard output', run.stdout);
      },
    }),
  },
});
