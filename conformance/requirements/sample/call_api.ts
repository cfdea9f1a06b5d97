import { CATALOGS_PATH } from '../../src/adapter/client.ts';
import { requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustExit } from '../../src/trial/sample-stage.ts';
import { must } from '../../src/verdict/verdict.ts';
import { bearer, headers, jsonBody } from '../../src/wire/exchange.ts';
import { INVALID_TOKEN } from '../../src/wire/fault.ts';

export default requirement({
  rule: "The sample call_api prints the API's answer and nothing else, and renews a refused token once.",
  sources: ['docs/samples.md', 'RFC 6750, sections 2.1 and 3.1'],
  level: 'practice',
  tier: 'core',
  cases: {
    answered: sample({
      sample: 'call_api',
      faults: [{ on: { endpoint: 'api', token: 1 }, answer: INVALID_TOKEN }],
      async run(stage) {
        const settings = await stage.settings(CLIENTS.service);
        const run = await stage.run({ ...settings, API_URL: await stage.apiUrl() });
        mustExit(run, 0);
        must(
          stage.grantTypes.join(' ') === 'client_credentials refresh_token',
          'a grant, and a refresh after the 401',
          stage.grantTypes,
        );
        const calls = stage.apiRequests.map(({ request }) => `${request.method} ${request.target}`);
        must(
          calls.join() === [`GET ${CATALOGS_PATH}`, `GET ${CATALOGS_PATH}`].join(),
          'the call and one repeat',
          calls,
        );
        for (const [index, { request }] of stage.apiRequests.entries()) {
          const token = jsonBody(stage.tokenRequests[index]?.response)?.['access_token'];
          must(
            headers(request, 'authorization').join() === `Bearer ${String(token)}`,
            `token ${index + 1} in call ${index + 1}`,
            bearer(request) === token,
          );
        }
        const body = stage.apiRequests.at(-1)?.response?.body ?? '';
        must(
          run.stdout.trimEnd() === body.trimEnd(),
          "the API's answer on standard output",
          run.stdout,
        );
      },
    }),
    // Without a refresh token the grant is repeated.
    regranted: sample({
      sample: 'call_api',
      servers: ['django-oauth-toolkit'],
      faults: [{ on: { endpoint: 'api', token: 1 }, answer: INVALID_TOKEN }],
      async run(stage) {
        const settings = await stage.settingsWithoutDiscovery(CLIENTS.plain);
        const run = await stage.run({ ...settings, API_URL: await stage.apiUrl() });
        mustExit(run, 0);
        must(
          stage.grantTypes.join(' ') === 'client_credentials client_credentials',
          'the grant again after the 401',
          stage.grantTypes,
        );
        const body = stage.apiRequests.at(-1)?.response?.body ?? '';
        must(
          run.stdout.trimEnd() === body.trimEnd(),
          "the API's answer on standard output",
          run.stdout,
        );
      },
    }),
  },
});
