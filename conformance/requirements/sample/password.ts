import { DECODING_SERVERS, requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS, USERS, withCredentials } from '../../src/trial/clients.ts';
import { mustPrintToken } from '../../src/trial/sample-output.ts';
import { mustExit } from '../../src/trial/sample-stage.ts';
import { must } from '../../src/verdict/verdict.ts';
import { basicCredentials, form, jsonBody } from '../../src/wire/exchange.ts';

const NOTE = 'The password grant is for legacy servers only (RFC 9700, 2.4).';
const { username, password } = USERS.ada;

export default requirement({
  rule: 'The sample password gets a token for a name and a password, says that this is for legacy servers, takes id and secret out of the URL of the token endpoint, and asks once.',
  sources: ['docs/samples.md', 'RFC 6749, section 4.3', 'RFC 9700, section 2.4'],
  level: 'practice',
  tier: 'core',
  cases: {
    token: sample({
      sample: 'password',
      servers: DECODING_SERVERS,
      async run(stage) {
        const settings = await stage.settings(CLIENTS.password);
        const {
          OAUTH_TOKEN_URL: url,
          OAUTH_CLIENT_ID: _,
          OAUTH_CLIENT_SECRET: __,
          ...rest
        } = settings;
        // Where there is no discovery, all stands in one URL, as that server's document has it.
        const { id, secret } = url ? CLIENTS.reserved : CLIENTS.password;
        const run = await stage.run({
          ...(url ? { ...rest, OAUTH_TOKEN_URL: withCredentials(url, { id, secret }) } : settings),
          OAUTH_USERNAME: username,
          OAUTH_PASSWORD: password,
        });
        mustExit(run, 0);
        must(run.stderr.includes(NOTE), `'${NOTE}' on standard error`, run.stderr);
        const [asked] = stage.tokenRequests;
        const sent = asked && form(asked.request);
        must(
          sent?.get('grant_type') === 'password' &&
            sent.get('username') === username &&
            sent.get('password') === password,
          'name and password in the form',
          sent?.get('grant_type') ?? 'no token request',
        );
        const authenticated = asked && basicCredentials(asked.request);
        must(
          authenticated?.clientId === id && authenticated.clientSecret === secret,
          'id and secret in a Basic header',
          authenticated ? 'others' : 'none',
        );
        mustPrintToken(run.stdout, jsonBody(asked?.response));
      },
    }),
    refused: sample({
      sample: 'password',
      servers: DECODING_SERVERS,
      async run(stage) {
        const settings = await stage.settings(CLIENTS.password);
        const run = await stage.run({
          ...settings,
          OAUTH_USERNAME: username,
          OAUTH_PASSWORD: 'wrong',
        });
        mustExit(run, 1);
        must(
          /invalid_grant: .*\(HTTP 40[01]\)/.test(run.stderr),
          "the server's error, description and status",
          run.stderr,
        );
        must(stage.tokenRequests.length === 1, 'one token request', stage.tokenRequests.length);
      },
    }),
  },
});
