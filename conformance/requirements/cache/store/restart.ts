import { join } from 'node:path';
import type { AdapterProcess } from '../../../src/adapter/adapter-process.ts';
import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { bearer, form, jsonBody } from '../../../src/wire/exchange.ts';

const LIFETIME_S = 2;

/** @param second gives the process of the second call. Default: both are made by one client. */
async function callTwice(
  stage: Stage,
  first: AdapterProcess,
  second?: () => Promise<AdapterProcess>,
) {
  const token_file = join(await stage.folder(), 'tokens.json');
  const client = await stage.open(CLIENTS.service, { token_file }, first);
  await client.call();
  const sent = stage.wire.length;
  const heir = await second?.();
  await untilOver(stage);
  const next = heir ? await stage.open(CLIENTS.service, { token_file }, heir) : client;
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
      async flow(stage, restarted) {
        if (!restarted) return callTwice(stage, stage.adapter);
        const first = await stage.startAdapter();
        return callTwice(stage, first, async () => {
          await first.end();
          return stage.startAdapter();
        });
      },
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
      flow: (stage, elsewhere) =>
        callTwice(stage, stage.adapter, elsewhere ? () => stage.startAdapter() : undefined),
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
