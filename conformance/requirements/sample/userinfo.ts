import { OPENID_SERVERS, requirement, sample } from '../../src/requirements/requirement.ts';
import { CLIENTS, USERS } from '../../src/trial/clients.ts';
import { mustLogIn } from '../../src/trial/sample-login.ts';
import { mustExit, type SampleStage } from '../../src/trial/sample-stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { bearer, jsonBody } from '../../src/wire/exchange.ts';

const CLAIMS = ['sub', 'name', 'preferred_username', 'email'];

function userInfoRequests(stage: SampleStage) {
  return stage.wire.filter(({ endpoint }) => endpoint === 'userinfo');
}

const text = (value: unknown): string => (typeof value === 'string' ? value : 'none');

async function forged(stage: SampleStage): Promise<void> {
  const run = await stage.runLogin(await stage.settings(CLIENTS.native));
  reach(stage.tokenRequests.length === 1, 'a token request', run.stderr);
  mustExit(run, 1);
  must(run.stdout.trim() === '', 'no claims', run.stdout);
  must(userInfoRequests(stage).length === 0, 'no UserInfo request', userInfoRequests(stage).length);
}

export default requirement({
  rule: 'The sample userinfo verifies the ID token, asks UserInfo about the same person, and prints the claims.',
  sources: ['docs/samples.md', 'OpenID Connect Core 1.0, sections 3.1.3.7 and 5.3'],
  level: 'practice',
  tier: 'core',
  cases: {
    claims: sample({
      sample: 'userinfo',
      servers: OPENID_SERVERS,
      async run(stage) {
        const run = await stage.runLogin(await stage.settings(CLIENTS.native), { user: USERS.zoe });
        mustLogIn(run, stage);
        const [asked] = userInfoRequests(stage);
        reach(asked !== undefined, 'a UserInfo request', run.stderr);
        const issued = jsonBody(stage.tokenRequests[0]?.response);
        must(
          bearer(asked.request) === issued?.['access_token'],
          'the token in the header',
          'another',
        );
        const said = jsonBody(asked.response);
        const expected = CLAIMS.map((name) => `${name}: ${text(said?.[name])}`);
        const printed = run.stdout.trimEnd().split('\n');
        must(printed.join('\n') === expected.join('\n'), expected.join(' / '), printed.join(' / '));
      },
    }),
    // The wrong audience under a good signature: every sample sees it, also one that does not check signatures.
    audience: sample({
      sample: 'userinfo',
      faults: [{ on: { endpoint: 'token' }, forge: { claims: () => ({ aud: 'somebody-else' }) } }],
      run: forged,
    }),
    nonce: sample({
      sample: 'userinfo',
      faults: [{ on: { endpoint: 'token' }, forge: { claims: () => ({ nonce: 'another-one' }) } }],
      run: forged,
    }),
    signature: sample({
      sample: 'userinfo',
      faults: [{ on: { endpoint: 'token' }, forge: { signature: 'broken' } }],
      run: forged,
    }),
    subject: sample({
      sample: 'userinfo',
      faults: [{ on: { endpoint: 'userinfo' }, change: { json: { sub: 'somebody-else' } } }],
      async run(stage) {
        const run = await stage.runLogin(await stage.settings(CLIENTS.native));
        reach(userInfoRequests(stage).length === 1, 'a UserInfo request', run.stderr);
        mustExit(run, 1);
        must(run.stdout.trim() === '', 'no claims', run.stdout);
      },
    }),
  },
});
