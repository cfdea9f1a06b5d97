import { requirement, sample, type SampleCase } from '../../src/requirements/requirement.ts';
import { type Environment, mustExit } from '../../src/trial/sample-stage.ts';
import { must } from '../../src/verdict/verdict.ts';

const SERVER = 'OAUTH_ISSUER or OAUTH_TOKEN_URL';
const CLIENT = 'OAUTH_CLIENT_ID, OAUTH_CLIENT_SECRET';
const LOGIN = `OAUTH_ISSUER or OAUTH_AUTHORIZE_URL, ${SERVER}`;
// As a shell or a CI system leaves what was never filled in.
const EMPTY = { OAUTH_ISSUER: '', OAUTH_CLIENT_ID: '', OAUTH_SCOPE: '' };

/** What each sample must name when it has nothing, in the order of its table. */
const NEEDED = {
  client_credentials: `${SERVER}, ${CLIENT}`,
  refresh: `${SERVER}, ${CLIENT}`,
  call_api: `${SERVER}, ${CLIENT}, API_URL`,
  authorization_code: `${LOGIN}, OAUTH_CLIENT_ID`,
  authorization_code_confidential: `${LOGIN}, ${CLIENT}`,
  userinfo: 'OAUTH_ISSUER, OAUTH_CLIENT_ID',
  password: `${SERVER}, ${CLIENT}, OAUTH_USERNAME, OAUTH_PASSWORD`,
};

function names(name: string, missing: string, settings: Environment = EMPTY): SampleCase {
  return sample({
    sample: name,
    async run(stage) {
      const run = await stage.run(settings);
      mustExit(run, 2);
      const line = `Missing settings: ${missing}`;
      must(run.stderr.trim() === line, `'${line}' on standard error`, run.stderr);
      must(run.stdout === '', 'nothing on standard output', run.stdout);
      must(stage.wire.length === 0, 'no request', stage.wire.length);
    },
  });
}

export default requirement({
  rule: 'A sample names all settings that it misses, at once, before it asks anybody anything (exit code 2); an empty one counts as missing.',
  sources: ['docs/samples.md'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    ...Object.fromEntries(
      Object.entries(NEEDED).map(([name, missing]) => [name, names(name, missing)]),
    ),
    'call_api-some': names('call_api', `${CLIENT}, API_URL`, {
      OAUTH_ISSUER: 'http://127.0.0.1/realms/korusticket',
      OAUTH_CLIENT_AUTH: 'post',
    }),
  },
});
