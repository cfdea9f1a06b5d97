import { EVERY_SERVER, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';

async function renew(stage: Stage, endSession: boolean) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  if (endSession) await stage.endSession();
  return { token: await client.tryToken({ force_refresh: true }), call: await client.tryCall() };
}
type Seen = Awaited<ReturnType<typeof renew>>;

function mustWork({ token, call }: Seen): void {
  must(token.outcome === 'ok', 'a renewed token', token);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
}

function mustRefresh(seen: Seen, stage: Stage): void {
  mustWork(seen);
  must(
    stage.refreshes.length === 1 && stage.grants.length === 1,
    'a refresh',
    stage.tokenRequests.length,
  );
}

const REFUSED = {
  status: 400,
  headers: { 'Content-Type': 'application/json' },
  body: '{"error":"invalid_grant","error_description":"Session not active"}',
};

export default requirement({
  rule: 'When the refresh token is refused with invalid_grant, exactly one new grant follows, and the call succeeds.',
  sources: ['RFC 6749, section 5.2', 'practice: nobody is there to log a service in again'],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      flow: renew,
      twin: mustRefresh,
      judge(seen, stage) {
        const [refusal] = stage.refreshes;
        reach(
          refusal?.response?.status === 400,
          'the server to refuse the refresh token',
          refusal?.response?.status,
        );
        must(stage.refreshes.length === 1, 'one refresh', `${stage.refreshes.length}`);
        must(stage.grants.length === 2, 'one new grant', `${stage.grants.length - 1}`);
        mustWork(seen);
      },
    }),
    'a-bounded': provoked({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      faults: [
        { on: { endpoint: 'token', refresh: true }, answer: REFUSED },
        {
          on: { endpoint: 'token', refresh: false, nth: [2, 3, 4, 5, 6, 7, 8, 9] },
          answer: REFUSED,
        },
      ],
      async flow(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        const token = await client.tryToken({ force_refresh: true });
        return { token, call: token.outcome === 'ok' ? await client.tryCall() : undefined };
      },
      twin({ token, call }, stage) {
        must(
          token.outcome === 'ok' && call?.outcome === 'ok',
          'a renewed token and an API call with it',
          token,
        );
        must(stage.refreshes.length === 1, 'a refresh', stage.tokenRequests.length);
      },
      judge({ token }, stage) {
        must(stage.refreshes.length === 1, 'one refresh', `${stage.refreshes.length}`);
        must(
          stage.grants.length === 2,
          'one new grant, though it is refused too',
          `${stage.grants.length - 1}`,
        );
        must(
          token.outcome === 'error' && token.error.class === 'invalid_grant',
          'the error class invalid_grant',
          token,
        );
      },
    }),
  },
});
