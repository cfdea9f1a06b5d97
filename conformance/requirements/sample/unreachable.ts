import { requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { closedUrl } from '../../src/trial/closed-url.ts';
import { mustExit } from '../../src/trial/sample-stage.ts';
import { must } from '../../src/verdict/verdict.ts';

export default requirement({
  rule: 'A sample says which URL did not answer (exit code 1), and goes no further.',
  sources: ['docs/samples.md'],
  level: 'practice',
  // As of the rules for clients that it follows: `net.*`.
  tier: 'hardened',
  cases: {
    call_api: sample({
      sample: 'call_api',
      async run(stage) {
        const settings = await stage.settingsWithoutDiscovery(CLIENTS.service);
        const tokenUrl = await closedUrl();
        const run = await stage.run({
          ...settings,
          OAUTH_TOKEN_URL: tokenUrl,
          API_URL: await stage.apiUrl(),
        });
        mustExit(run, 1);
        must(
          run.stderr.includes(tokenUrl),
          'the URL that did not answer on standard error',
          run.stderr,
        );
        must(stage.apiRequests.length === 0, 'no request to the API', stage.apiRequests.length);
      },
    }),
  },
});
