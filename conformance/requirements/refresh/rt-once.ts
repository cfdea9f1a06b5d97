import { EVERY_SERVER, provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { type Exchange, form, jsonBody } from '../../src/wire/exchange.ts';

const REFRESH = { endpoint: 'token', grant: 'refresh_token' } as const;
const REFRESHES = 4;

/** Refreshes, counted from 1, with a refresh token that an earlier answer had replaced. */
function withReplaced(refreshes: readonly Exchange[]): number[] {
  const replaced = new Set<string>();
  return refreshes.flatMap(({ request, response }, index) => {
    const sent = form(request).get('refresh_token') ?? '';
    const again = replaced.has(sent);
    if (typeof jsonBody(response)?.['refresh_token'] === 'string') replaced.add(sent);
    return again ? [index + 1] : [];
  });
}

async function refreshRepeatedly(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  let last = await client.tryToken({ force_refresh: true });
  for (let count = 1; count < REFRESHES; count++)
    last = await client.tryToken({ force_refresh: true });
  return last;
}

async function refreshAndGoOn(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  await client.tryToken({ force_refresh: true });
  const inOneCall = stage.refreshes.length;
  await client.tryToken();
  const renewed = await client.tryToken({ force_refresh: true });
  return { inOneCall, renewed, call: await client.tryCall() };
}

function mustGoOn({ renewed, call }: Awaited<ReturnType<typeof refreshAndGoOn>>): void {
  must(renewed.outcome === 'ok', 'a new token afterwards, by refresh or by grant', renewed);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
}

export default requirement({
  rule:
    'A refresh token that was replaced is never sent again, not after errors either (a); a refresh whose answer was lost is not posted again in ' +
    'the same call, and the client works on afterwards (b).',
  sources: ['RFC 6749, section 6', 'RFC 9700, section 4.14.2', 'RFC 9110, section 9.2.2'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      given: { realm: 'korusticket-rotating' },
      faults: [{ on: { ...REFRESH, nth: [2] }, answer: { status: 503 } }],
      flow: refreshRepeatedly,
      twin(last, stage) {
        must(last.outcome === 'ok', 'a refreshed token', last);
        must(
          stage.refreshes.length === REFRESHES,
          `${REFRESHES} refreshes`,
          stage.refreshes.length,
        );
      },
      judge(last, stage) {
        const { refreshes } = stage;
        reach(
          refreshes[0]?.response?.status === 200 && refreshes[1]?.response?.status === 503,
          'an accepted refresh, then one that is answered with 503',
          refreshes.map(({ response }) => response?.status),
        );
        reach(refreshes.length > 2, 'a refresh after the failed one', refreshes.length);
        const again = withReplaced(refreshes);
        must(again.length === 0, 'no replaced refresh token in any refresh', again);
        must(last.outcome === 'ok', 'a token at last', last);
      },
    }),
    b: provoked({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      given: { realm: 'korusticket-rotating' },
      faults: [{ on: { ...REFRESH, nth: [1] }, breaks: 'reset' }],
      flow: refreshAndGoOn,
      twin(seen, stage) {
        mustGoOn(seen);
        must(stage.refreshes.length >= 2, 'two refreshes', stage.refreshes.length);
      },
      judge(seen, stage) {
        reach(
          stage.refreshes[0]?.upstream?.status === 200,
          'a refresh that the server accepts before its answer is lost',
          stage.refreshes[0]?.upstream?.status,
        );
        must(seen.inOneCall === 1, 'one refresh in the call whose answer is lost', seen.inOneCall);
        mustGoOn(seen);
      },
    }),
  },
});
