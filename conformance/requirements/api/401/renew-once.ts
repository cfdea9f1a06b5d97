import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { mustRepeatOnce } from '../../../src/trial/repeated-call.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { INVALID_TOKEN } from '../../../src/wire/fault.ts';

async function order(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  return client.tryCall('/v1/ticketing/orders/', { method: 'POST', body: 'seat=12 & Reihe=Ä' });
}

async function read(stage: Stage, endSession: boolean) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  if (endSession) await stage.endSession();
  return client.tryCall();
}
type Seen = Awaited<ReturnType<typeof read>>;

function mustWork(outcome: Seen, stage: Stage): void {
  must(outcome.outcome === 'ok' && outcome.status === 200, 'an answered call', outcome);
  must(stage.apiRequests.length === 1, 'one API request', stage.apiRequests.length);
}

function mustRepeatTheSame(outcome: Seen, stage: Stage): void {
  const { refused, repeated } = mustRepeatOnce(outcome, stage);
  must(repeated.body === refused.body, 'the same body in the repeat', repeated.body);
  must(repeated.method === refused.method, 'the same method in the repeat', repeated.method);
}

export default requirement({
  rule: 'A 401 with invalid_token leads to one renewal and one repeat of the request.',
  sources: ['RFC 6750, section 3.1', 'RFC 9110, section 15.5.2'],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'api_retry'],
      faults: [{ on: { endpoint: 'api', token: 1 }, answer: INVALID_TOKEN }],
      flow: (stage) => read(stage, false),
      twin: mustWork,
      judge(outcome, stage) {
        mustRepeatTheSame(outcome, stage);
        must(stage.tokenRequests.length === 2, 'one renewal', stage.tokenRequests.length - 1);
      },
    }),
    'a-session': provoked({
      needs: ['client_credentials', 'api_retry'],
      given: { introspecting: true },
      flow: read,
      twin: mustWork,
      judge: mustRepeatTheSame,
    }),
    'a-body': provoked({
      needs: ['client_credentials', 'api_retry'],
      faults: [{ on: { endpoint: 'api', token: 1 }, answer: INVALID_TOKEN }],
      flow: order,
      twin: mustWork,
      judge: mustRepeatTheSame,
    }),
  },
});
