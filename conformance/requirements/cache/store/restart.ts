import { join } from 'node:path';
import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { bearer, form, jsonBody } from '../../../src/wire/exchange.ts';

const LIFETIME_S = 2;

/** Calls the API twice: in one process, or in two, the second of which starts when the first has ended. */
async function callTwice(stage: Stage, restarted: boolean) {
  const token_file = join(await stage.folder(), 'tokens.json');
  const before = restarted ? await stage.startAdapter() : stage.adapter;
  const client = await stage.open(CLIENTS.service, { token_file }, before);
  await client.call();
  if (restarted) await before.end();
  const sent = stage.wire.length;
  const after = restarted ? await stage.startAdapter() : stage.adapter;
  await untilOver(stage);
  const next = restarted ? await stage.open(CLIENTS.service, { token_file }, after) : client;
  const call = await next.tryCall();
  return { call, next: stage.wire.slice(sent).map(({ endpoint }) => endpoint) };
}

/** Waits for the end of a token whose life is short. */
async function untilOver(stage: Stage): Promise<void> {
  const [grant] = stage.grants;
  const lifetime = jsonBody(grant?.response)?.['expires_in'];
  if (grant && lifetime === LIFETIME_S)
    await stage.pause(Math.max(0, grant.at + LIFETIME_S * 1000 + 100 - stage.now));
}

type Seen = Awaited<ReturnType<typeof callTwice>>;

function mustGoOn({ call, next }: Seen, stage: Stage): void {
  must(call.outcome === 'ok' && call.status === 200, 'an API call of the second process', call);
  must(next.join() === 'api', 'nothing but the API call in the second process', next);
  const issued = jsonBody(stage.grants[0]?.response)?.['access_token'];
  must(
    stage.apiRequests.every(({ request }) => bearer(request) === issued),
    'the stored token in the call',
    'another one',
  );
}

export default requirement({
  rule: 'A second process goes on with the stored token (a), and knows when it expires (b).',
  sources: [
    'practice: a token for each start wears out the server; a lifetime that begins anew at each start outlives the token',
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'store'],
      flow: callTwice,
      twin: mustGoOn,
      judge: mustGoOn,
    }),
    b: provoked({
      needs: ['client_credentials', 'refresh', 'store'],
      waits: LIFETIME_S,
      // A short life that the server speaks of, not one that the token has: on a busy machine that would be over before the first call.
      faults: [
        {
          on: { endpoint: 'token', grant: 'client_credentials' },
          change: { json: { expires_in: LIFETIME_S } },
        },
      ],
      flow: callTwice,
      twin: mustGoOn,
      judge({ call, next }, stage) {
        must(
          call.outcome === 'ok' && call.status === 200,
          'an API call of the second process',
          call,
        );
        must(
          next.join() === 'token,api',
          'one renewal before the call, in the second process',
          next,
        );
        const stored = jsonBody(stage.grants[0]?.response)?.['refresh_token'];
        const [refresh] = stage.refreshes;
        must(
          refresh !== undefined && form(refresh.request).get('refresh_token') === stored,
          'a refresh with the stored refresh token',
          `${stage.refreshes.length} refreshes, ${stage.grants.length} grants`,
        );
        const renewed = jsonBody(refresh.response)?.['access_token'];
        const used = bearer(stage.apiRequests.at(-1)!.request);
        must(used === renewed, 'the renewed token in the call', 'another one');
      },
    }),
  },
});
