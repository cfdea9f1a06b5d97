import { EVERY_SERVER, requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustPrintToken } from '../../src/trial/sample-output.ts';
import { type Environment, mustExit } from '../../src/trial/sample-stage.ts';
import { type TokenFileEntry, tokenFileEntries } from '../../src/trial/token-file.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { form, header, jsonBody } from '../../src/wire/exchange.ts';

const FILE = 'kept/tokens.json';

/** All servers here replace a refresh token when it is used: the old one is worth nothing. */
function mustStore(
  entries: TokenFileEntry[] | string,
  answer: Readonly<Record<string, unknown>> | undefined,
): void {
  must(typeof entries !== 'string', 'a token file', entries);
  const [entry, ...more] = entries;
  must(entry !== undefined && more.length === 0, 'one entry in it', entries.length);
  for (const name of ['access_token', 'refresh_token']) {
    reach(typeof answer?.[name] === 'string', `a new ${name}`, 'none');
    must(entry[name] === answer[name], `the ${name} of the refresh in the token file`, 'another');
  }
}

export default requirement({
  rule: 'The sample refresh gets a token and refreshes it, goes on with a stored login, and says when there was no refresh token (exit code 1).',
  sources: ['docs/samples.md', 'RFC 6749, section 6'],
  level: 'practice',
  tier: 'core',
  cases: {
    refreshed: sample({
      sample: 'refresh',
      // As a server may write it (RFC 6749, section 5.1).
      faults: [
        {
          on: { endpoint: 'token', grant: 'refresh_token' },
          change: { json: { token_type: 'bearer' } },
        },
      ],
      async run(stage) {
        const settings = await stage.settings(CLIENTS.service, 'korusticket-rotating');
        const run = await stage.run({ ...settings, OAUTH_CLIENT_AUTH: 'post' });
        mustExit(run, 0);
        must(
          stage.grantTypes.join(' ') === 'client_credentials refresh_token',
          'a grant and a refresh',
          stage.grantTypes,
        );
        const [grant, refresh] = stage.tokenRequests;
        const [issued, refreshed] = stage.tokenRequests.map(({ response }) => jsonBody(response));
        must(
          form(refresh?.request ?? grant!.request).get('refresh_token') ===
            issued?.['refresh_token'],
          'the issued refresh token',
          'another',
        );
        must(
          stage.tokenRequests.every(
            ({ request }) => header(request, 'authorization') === undefined,
          ),
          'the secret in the body',
          'a header',
        );
        const [, first = '', second = ''] =
          /^Issued\n([\s\S]*)^Refreshed\n([\s\S]*)$/m.exec(run.stdout) ?? [];
        mustPrintToken(first, issued);
        mustPrintToken(second, refreshed);
      },
    }),
    'no-refresh-token': sample({
      sample: 'refresh',
      async run(stage) {
        const run = await stage.run(await stage.settingsWithoutDiscovery(CLIENTS.plain));
        mustExit(run, 1);
        must(
          stage.grantTypes.join() === 'client_credentials',
          'one grant and no refresh',
          stage.grantTypes,
        );
        must(
          /refresh token/i.test(run.stderr),
          'a word about the refresh token on standard error',
          run.stderr,
        );
      },
    }),
    // The login of one run is refreshed by the next, which leaves to a third one what that needs.
    stored: sample({
      sample: 'authorization_code',
      servers: EVERY_SERVER,
      async run(stage) {
        const settings: Environment = {
          ...(await stage.settings(CLIENTS.native, 'korusticket-rotating')),
          OAUTH_TOKEN_FILE: FILE,
        };
        mustExit(await stage.runLogin(settings), 0);
        const run = await stage.runNext('refresh', settings);
        mustExit(run, 0);
        must(
          stage.grantTypes.join(' ') === 'authorization_code refresh_token',
          'an exchange, then a refresh',
          stage.grantTypes,
        );
        const [issued, refreshed] = stage.tokenRequests.map(({ response }) => jsonBody(response));
        const sent = form(stage.tokenRequests[1]!.request).get('refresh_token');
        must(sent === issued?.['refresh_token'], 'the refresh token of the login', 'another');
        const [, second = ''] = /^Stored\n[\s\S]*^Refreshed\n([\s\S]*)$/m.exec(run.stdout) ?? [];
        mustPrintToken(second, refreshed, settings['OAUTH_SCOPE']);
        mustStore(tokenFileEntries(await stage.left(FILE)), refreshed);
        const modes = await stage.modes('kept', FILE);
        must(modes.join(' ') === '700 600', 'a folder 0700 and a file 0600', modes);
      },
    }),
  },
});
