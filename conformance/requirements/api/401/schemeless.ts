import { plain, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { mustRepeatOnce } from '../../../src/trial/repeated-call.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { bearer, jsonBody } from '../../../src/wire/exchange.ts';
import type { Fault } from '../../../src/wire/fault.ts';

async function read(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  return client.tryCall();
}
type Seen = Awaited<ReturnType<typeof read>>;

function refusing(headers: Record<string, string>): Fault[] {
  return [{ on: { endpoint: 'api', token: 1 }, answer: { status: 401, headers } }];
}

function mustWork(outcome: Seen): void {
  must(outcome.outcome === 'ok' && outcome.status === 200, 'an answered call', outcome);
}

function mustRenewOnce(outcome: Seen, stage: Stage): void {
  mustRepeatOnce(outcome, stage);
  must(stage.tokenRequests.length === 2, 'one renewal', stage.tokenRequests.length - 1);
}

export default requirement({
  rule: 'A 401 that says nothing, or nothing in the usual form, refuses the token all the same.',
  sources: [
    'practice: APIs leave the challenge out; django-oidc-provider 0.9 sends one without its scheme',
    'RFC 6750, section 3',
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'api_retry'],
      faults: refusing({}),
      flow: read,
      twin: mustWork,
      judge: mustRenewOnce,
    }),
    b: provoked({
      needs: ['client_credentials', 'api_retry'],
      faults: refusing({
        'WWW-Authenticate':
          'error="invalid_token", error_description="The access token provided is expired, revoked, malformed, or invalid for other reasons"',
      }),
      flow: read,
      twin: mustWork,
      judge: mustRenewOnce,
    }),
    // UserInfo is the API, and its server has forgotten a token that was to live for half an hour.
    'b-server': plain({
      needs: ['client_credentials', 'api_retry', 'refresh'],
      servers: ['django-oidc-provider'],
      async run(stage) {
        const { userinfo = '' } = stage.endpoints;
        const { origin, pathname } = new URL(userinfo);
        const client = await stage.open(CLIENTS.service, {
          api_url: origin,
          scope: 'openid',
        });
        await client.token();
        await stage.expireToken();
        const outcome = await client.tryCall(pathname);
        const [refused, repeated, ...more] = stage.userInfoRequests;
        const challenge = String(refused?.response?.headers['www-authenticate']);
        reach(
          refused?.response?.status === 401 && !/^bearer/i.test(challenge),
          'a 401 whose challenge has no scheme',
          challenge,
        );
        mustWork(outcome);
        must(more.length === 0, 'one repeat', more.length + 1);
        const renewed = jsonBody(stage.refreshes[0]?.response)?.['access_token'];
        must(
          repeated !== undefined && bearer(repeated.request) === renewed,
          'the refreshed token in the repeat',
          `${stage.refreshes.length} refreshes`,
        );
        must(stage.tokenRequests.length === 2, 'one renewal', stage.tokenRequests.length - 1);
      },
    }),
  },
});
