import { requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustPrintToken } from '../../src/trial/sample-output.ts';
import { mustExit } from '../../src/trial/sample-stage.ts';
import { must } from '../../src/verdict/verdict.ts';
import { form, jsonBody } from '../../src/wire/exchange.ts';

export default requirement({
  rule: "The sample client_credentials gets a token, and shows the server's refusal (exit code 1).",
  sources: ['docs/samples.md', 'RFC 6749, section 4.4'],
  level: 'practice',
  tier: 'core',
  cases: {
    issued: sample({
      sample: 'client_credentials',
      async run(stage) {
        const settings = await stage.settings(CLIENTS.reserved);
        const run = await stage.run({
          ...settings,
          OAUTH_CLIENT_AUTH: 'basic',
          OAUTH_SCOPE: 'tickets.read Catalog.Read',
        });
        mustExit(run, 0);
        must(
          stage.grantTypes.join() === 'client_credentials',
          'one token request',
          stage.grantTypes,
        );
        const [issue] = stage.tokenRequests;
        must(
          issue !== undefined && form(issue.request).get('scope') === 'tickets.read Catalog.Read',
          'both scopes',
          issue?.request.body,
        );
        mustPrintToken(run.stdout, jsonBody(issue.response));
      },
    }),
    // Its tokens are no JWTs, and none comes for refreshing.
    opaque: sample({
      sample: 'client_credentials',
      servers: ['django-oidc-provider'],
      async run(stage) {
        const run = await stage.run(await stage.settings(CLIENTS.plain));
        mustExit(run, 0);
        mustPrintToken(run.stdout, jsonBody(stage.tokenRequests[0]?.response));
      },
    }),
    refused: sample({
      sample: 'client_credentials',
      async run(stage) {
        const settings = await stage.settingsWithoutDiscovery(CLIENTS.service);
        const run = await stage.run({
          ...settings,
          OAUTH_CLIENT_SECRET: 'not-the-secret-of-this-client',
        });
        mustExit(run, 1);
        const refusal = stage.tokenRequests[0]?.response;
        must(
          stage.tokenRequests.length === 1 && refusal?.status === 401,
          'one refused token request',
          stage.tokenRequests.length,
        );
        const { error, error_description: description } = jsonBody(refusal) ?? {};
        const line = `${String(error)}: ${String(description)} (HTTP 401)`;
        must(run.stderr.includes(line), `'${line}' on standard error`, run.stderr);
        must(run.stdout === '', 'nothing on standard output', run.stdout);
      },
    }),
  },
});
