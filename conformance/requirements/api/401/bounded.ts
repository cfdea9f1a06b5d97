import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { INVALID_TOKEN } from '../../../src/wire/fault.ts';

export default requirement({
  rule: 'An API that goes on answering 401 ends in the error unauthorized, after one renewal and one repeat.',
  sources: [
    'practice: a loop of renewals hits API and token endpoint as fast as the network allows',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'api_retry'],
      faults: [{ on: { endpoint: 'api' }, answer: INVALID_TOKEN }],
      async flow(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        return client.tryCall();
      },
      twin: (outcome) => must(outcome.outcome === 'ok', 'an answered call', outcome),
      judge(outcome, stage) {
        must(
          stage.apiRequests.length === 2,
          'the call and one repeat',
          `${stage.apiRequests.length} API requests`,
        );
        must(stage.tokenRequests.length === 2, 'one renewal', `${stage.tokenRequests.length - 1}`);
        must(
          outcome.outcome === 'error' && outcome.error.class === 'unauthorized',
          'the error class unauthorized',
          outcome,
        );
        must(outcome.error.http_status === 401, 'the HTTP status 401', outcome.error);
      },
    }),
  },
});
