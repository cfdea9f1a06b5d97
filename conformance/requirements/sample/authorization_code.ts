import { OPENID_SERVERS, requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustLogIn } from '../../src/trial/sample-login.ts';
import { mustPrintToken } from '../../src/trial/sample-output.ts';
import { mustExit } from '../../src/trial/sample-stage.ts';
import { must } from '../../src/verdict/verdict.ts';
import { form, jsonBody } from '../../src/wire/exchange.ts';

const FORGED_CODE = 'forged-code';

export default requirement({
  rule: 'The sample authorization_code logs a person in at a public client, opens the browser and prints the URL, and shows a refusal (exit code 1).',
  sources: ['docs/samples.md', 'RFC 6749, section 4.1', 'RFC 7636', 'RFC 8252'],
  level: 'practice',
  tier: 'core',
  cases: {
    // Elsewhere it is the first half of `sample.refresh/stored`.
    login: sample({
      sample: 'authorization_code',
      async run(stage) {
        const settings = await stage.settings(CLIENTS.native);
        const run = await stage.runLogin(settings);
        mustLogIn(run, stage);
        const [exchange] = stage.tokenRequests;
        mustPrintToken(run.stdout, jsonBody(exchange?.response), settings['OAUTH_SCOPE']);
        must(
          run.opened.length === 1 && run.opened[0] === run.printedUrl,
          'the printed URL in the browser, once',
          `opened ${run.opened.length} times`,
        );
      },
    }),
    denied: sample({
      sample: 'authorization_code',
      servers: OPENID_SERVERS,
      async run(stage) {
        const settings = await stage.settings(CLIENTS.consent);
        const run = await stage.runLogin(settings, { decline: true, user: await stage.newUser() });
        mustExit(run, 1);
        must(/^access_denied\b/m.test(run.stderr), "the server's access_denied", run.stderr);
        must(stage.tokenRequests.length === 0, 'no token request', stage.tokenRequests.length);
      },
    }),
    forged: sample({
      sample: 'authorization_code',
      async run(stage) {
        const run = await stage.runLogin(await stage.settings(CLIENTS.native), {
          forge: (callback) => {
            callback.searchParams.set('code', FORGED_CODE);
            callback.searchParams.set('state', 'x'.repeat(43));
          },
        });
        const codes = stage.tokenRequests.map(({ request }) => form(request).get('code'));
        must(!codes.includes(FORGED_CODE), 'no token request with a forged code', codes.length);
        const { forgedPage } = run;
        must(
          forgedPage === undefined || forgedPage.status >= 400,
          'a refusal of the forged callback',
          forgedPage?.status,
        );
        // A listener goes on waiting; what a person pasted is the end.
        mustExit(run, forgedPage ? 0 : 1);
      },
    }),
  },
});
