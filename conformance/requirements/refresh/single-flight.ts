import { EVERY_SERVER, provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustUseRenewed } from '../../src/trial/renewed.ts';
import { must } from '../../src/verdict/verdict.ts';

const CALLERS = 20;
const LIFETIME_S = 2;

export default requirement({
  rule: 'Callers that find the token expired at the same time cause one refresh and share its result.',
  sources: [
    'practice: with rotation, the second use of a refresh token ends the session (RFC 9700, section 4.14.2)',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh', 'concurrent'],
      servers: EVERY_SERVER,
      given: { realm: 'korusticket-rotating' },
      waits: LIFETIME_S + 1,
      faults: [
        {
          on: { endpoint: 'token', refresh: false },
          change: { json: { expires_in: LIFETIME_S } },
        },
        { on: { endpoint: 'token', refresh: true }, delayMs: 1_000 },
      ],
      async flow(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        await stage.pause(LIFETIME_S * 1000 + 100);
        const wave = () => Promise.all(Array.from({ length: CALLERS / 2 }, () => client.tryCall()));
        // Half of them come while the refresh is under way.
        const first = wave();
        await stage.pause(500);
        return [...(await wave()), ...(await first)];
      },
      twin(calls, stage) {
        must(
          calls.every(({ outcome }) => outcome === 'ok'),
          `${CALLERS} answered calls`,
          calls.find(({ outcome }) => outcome !== 'ok'),
        );
        must(stage.tokenRequests.length === 1, 'one token request', stage.tokenRequests.length);
      },
      judge(calls, stage) {
        const seen = `${stage.refreshes.length} refreshes, ${stage.grants.length} grants`;
        must(
          stage.refreshes.length === 1 && stage.grants.length === 1,
          `one refresh for ${CALLERS} callers`,
          seen,
        );
        const failed = calls.find(({ outcome }) => outcome !== 'ok');
        must(failed === undefined, `${CALLERS} answered calls`, failed);
        mustUseRenewed(stage);
        const sent = stage.apiRequests.length;
        must(sent === CALLERS, `${CALLERS} calls of the API`, sent);
      },
    }),
  },
});
