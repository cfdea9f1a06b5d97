import { plain, provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must } from '../../src/verdict/verdict.ts';
import { form } from '../../src/wire/exchange.ts';

async function twoTokensAndCall(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  const tokens = [await client.tryToken(), await client.tryToken({ force_refresh: true })];
  return { tokens, call: await client.tryCall() };
}
type Seen = Awaited<ReturnType<typeof twoTokensAndCall>>;

function mustWork({ tokens, call }: Seen): void {
  for (const token of tokens) must(token.outcome === 'ok', 'a token', token);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
}

function mustUseGrantAgain(stage: Stage, before = 0): void {
  const requests = stage.tokenRequests.slice(before);
  const types = requests.map(({ request }) => form(request).get('grant_type'));
  must(
    types.join(' ') === 'client_credentials client_credentials',
    'the grant again in place of a refresh',
    types,
  );
  const sent = requests.some(({ request }) => form(request).has('refresh_token'));
  must(!sent, 'no refresh_token parameter', 'there is one');
}

export default requirement({
  rule: 'A token response without a refresh token is complete; renewal uses the grant again.',
  sources: ['RFC 6749, section 5.1', 'RFC 6749, section 4.4.3'],
  level: 'MUST',
  tier: 'core',
  cases: {
    'a-removed': provoked({
      needs: ['client_credentials'],
      faults: [
        {
          on: { endpoint: 'token' },
          change: { json: { refresh_token: undefined, refresh_expires_in: undefined } },
        },
      ],
      flow: twoTokensAndCall,
      twin: mustWork,
      judge(seen, stage) {
        mustWork(seen);
        mustUseGrantAgain(stage);
      },
    }),
    'a-keycloak': plain({
      needs: ['client_credentials'],
      async run(stage) {
        const other = await stage.open(CLIENTS.service);
        await other.token();
        const before = stage.tokenRequests.length;
        const client = await stage.open(CLIENTS.plain);
        for (const options of [{}, { force_refresh: true }]) {
          const token = await client.tryToken(options);
          must(token.outcome === 'ok', 'a token', token);
          must(!token.has_refresh_token, 'no refresh token, since none was issued', token);
        }
        mustUseGrantAgain(stage, before);
      },
    }),
  },
});
