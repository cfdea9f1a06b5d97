import { provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must } from '../../../src/verdict/verdict.ts';
import { form, jsonBody } from '../../../src/wire/exchange.ts';

async function threeRefreshes(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  await client.token();
  for (let refresh = 0; refresh < 3; refresh++) await client.tryToken({ force_refresh: true });
}

function mustRefreshThrice(stage: Stage): void {
  const seen = `${stage.refreshes.length} refreshes, ${stage.grants.length} grants`;
  must(
    stage.refreshes.length === 3 && stage.grants.length === 1,
    'three refreshes after one grant',
    seen,
  );
}

function withoutNew(refreshToken: null | '' | undefined) {
  const json = { refresh_token: refreshToken, refresh_expires_in: undefined };
  return provoked({
    // At a server that rotates, nothing can be gone on with after an answer without the new refresh token.
    servers: ['keycloak'],
    needs: ['client_credentials', 'refresh'],
    faults: [{ on: { endpoint: 'token', grant: 'refresh_token' }, change: { json } }],
    flow: threeRefreshes,
    twin: (_, stage) => mustRefreshThrice(stage),
    judge(_, stage) {
      mustRefreshThrice(stage);
      const issued = jsonBody(stage.grants[0]?.response)?.['refresh_token'];
      const kept = stage.refreshes.every(
        ({ request }) => form(request).get('refresh_token') === issued,
      );
      must(kept, 'the refresh token of the grant in every refresh', 'another one');
    },
  });
}

export default requirement({
  rule: 'A refresh answer without a refresh token leaves the old one in place.',
  sources: ['RFC 6749, section 6'],
  level: 'MUST',
  tier: 'hardened',
  cases: {
    'a-missing': withoutNew(undefined),
    'a-null': withoutNew(null),
    'a-empty': withoutNew(''),
  },
});
