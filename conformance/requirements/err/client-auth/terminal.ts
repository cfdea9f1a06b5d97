import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';

async function oneToken(stage: Stage, wrong: boolean, method: 'basic' | 'post') {
  const more = wrong ? { client_secret: 'not-the-secret-of-this-client' } : {};
  const client = await stage.open(CLIENTS.service, { client_auth: method, ...more });
  return client.tryToken();
}
type Seen = Awaited<ReturnType<typeof oneToken>>;

function mustWork(outcome: Seen, stage: Stage): void {
  must(outcome.outcome === 'ok', 'a token', outcome);
  must(stage.tokenRequests.length >= 1, 'a token request', 'none');
}

function mustEnd(outcome: Seen, stage: Stage): void {
  must(
    stage.tokenRequests.length === 1,
    'exactly one token request',
    `${stage.tokenRequests.length}`,
  );
  must(
    outcome.outcome === 'error' && outcome.error.class === 'invalid_client',
    'the error class invalid_client',
    outcome,
  );
}

const REFUSED = {
  status: 401,
  headers: { 'Content-Type': 'application/json' },
  body: '{"error":"invalid_client"}',
};
const CHALLENGED = {
  ...REFUSED,
  headers: { ...REFUSED.headers, 'WWW-Authenticate': 'Basic realm="korusticket"' },
};

export default requirement({
  rule:
    'Failed client authentication is terminal: the request is not repeated (a), not on refresh and not by another grant, and a challenge for ' +
    'HTTP Basic is not answered by itself (b).',
  sources: ['RFC 6749, section 5.2', 'practice: repeated wrong secrets lock clients out'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    'a-post': provoked({
      needs: ['client_credentials'],
      flow: (stage, wrong) => oneToken(stage, wrong, 'post'),
      twin: mustWork,
      judge: mustEnd,
    }),
    'a-basic': provoked({
      needs: ['client_credentials'],
      flow: (stage, wrong) => oneToken(stage, wrong, 'basic'),
      twin: mustWork,
      judge: mustEnd,
    }),
    'a-status-400': provoked({
      needs: ['client_credentials'],
      faults: [{ on: { endpoint: 'token' }, answer: { ...REFUSED, status: 400 } }],
      flow: (stage) => oneToken(stage, false, 'post'),
      twin: mustWork,
      judge: mustEnd,
    }),
    'a-refresh': provoked({
      needs: ['client_credentials', 'refresh'],
      faults: [{ on: { endpoint: 'token', grant: 'refresh_token' }, answer: REFUSED }],
      async flow(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        return client.tryToken({ force_refresh: true });
      },
      twin(outcome, stage) {
        mustWork(outcome, stage);
        must(stage.refreshes.length === 1, 'a refresh request', stage.tokenRequests.length);
      },
      judge(outcome, stage) {
        must(
          stage.tokenRequests.length === 2,
          'no token request after the refused refresh',
          `${stage.tokenRequests.length - 2} more`,
        );
        must(
          outcome.outcome === 'error' && outcome.error.class === 'invalid_client',
          'the error class invalid_client',
          outcome,
        );
      },
    }),
    b: provoked({
      needs: ['client_credentials'],
      faults: [{ on: { endpoint: 'token' }, answer: CHALLENGED }],
      flow: (stage) => oneToken(stage, false, 'post'),
      twin: mustWork,
      judge: mustEnd,
    }),
  },
});
