import { join } from 'node:path';
import { AdapterBroken } from '../../src/adapter/adapter-broken.ts';
import { EVERY_SERVER, provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { INVALID_TOKEN } from '../../src/wire/fault.ts';
import { bearer, form, jsonBody } from '../../src/wire/exchange.ts';

function refreshToken(stage: Stage, refresh: number): unknown {
  return jsonBody(stage.refreshes[refresh]?.response)?.['refresh_token'];
}

function mustUseTheRotated(outcome: string, stage: Stage): void {
  const [, second] = stage.refreshes;
  must(
    second !== undefined && form(second.request).get('refresh_token') === refreshToken(stage, 0),
    'the rotated refresh token in the second refresh',
    second ? 'another one' : `${stage.grants.length} grants and no second refresh`,
  );
  must(outcome === 'ok', 'an API call with the token of the second refresh', outcome);
  must(stage.grants.length === 1, 'no grant after the first', stage.grants.length);
}

/** Kills a process at its first API call with a renewed token, and lets another one go on. */
async function killedAtFirstUse(stage: Stage) {
  const token_file = join(await stage.folder(), 'tokens.json');
  const [doomed, heir] = await Promise.all([stage.startAdapter(), stage.startAdapter()]);
  const client = await stage.open(CLIENTS.service, { token_file }, doomed);
  await client.call();
  const first = jsonBody(stage.grants[0]?.response)?.['access_token'];
  stage.atRequest(
    ({ endpoint, request }) => endpoint === 'api' && bearer(request) !== first,
    () => doomed.kill(),
  );
  try {
    await client.tryCall();
  } catch (error) {
    if (!(error instanceof AdapterBroken)) throw error;
  }
  const used = bearer(stage.apiRequests.at(-1)!.request);
  reach(
    used !== undefined && used === jsonBody(stage.refreshes[0]?.response)?.['access_token'],
    'an API call with the refreshed token',
    `${stage.refreshes.length} refreshes, ${stage.apiRequests.length} API calls`,
  );
  const next = await stage.open(CLIENTS.service, { token_file }, heir);
  await next.tryToken({ force_refresh: true });
  return next;
}

export default requirement({
  rule: 'A rotated refresh token is stored before the access token that came with it is used: a process that dies takes no login with it.',
  sources: [
    'practice: the old refresh token is spent, and sending it again ends the session (RFC 9700, section 4.14.2)',
    'docs/token-file.md, Renewing',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh', 'api_retry', 'store'],
      servers: EVERY_SERVER,
      given: { realm: 'korusticket-rotating', introspecting: true },
      // The renewal is one that the call itself makes: there is no moment between the two in which something could be stored late.
      faults: [{ on: { endpoint: 'api', token: 1, nth: [2] }, answer: INVALID_TOKEN }],
      async flow(stage, provoked) {
        if (provoked) return (await (await killedAtFirstUse(stage)).tryCall()).outcome;
        const client = await stage.open(CLIENTS.service);
        await client.token();
        for (let refresh = 0; refresh < 2; refresh++)
          await client.tryToken({ force_refresh: true });
        return (await client.tryCall()).outcome;
      },
      twin: mustUseTheRotated,
      async judge(outcome, stage) {
        mustUseTheRotated(outcome, stage);
        await stage.mustRemember('refresh', 2);
      },
    }),
  },
});
