import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must } from '../../src/verdict/verdict.ts';

const UNKNOWN = {
  x: { y: [], z: { access_token: 'not this one' } },
  list: [1, 'two', null],
  nothing: null,
  'not-before-policy': 'text where Keycloak has a number',
};

async function tokenRefreshAndCall(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  const token = await client.tryToken();
  const renewed = await client.tryToken({ force_refresh: true });
  return { token, renewed, call: await client.tryCall() };
}
type Seen = Awaited<ReturnType<typeof tokenRefreshAndCall>>;

function mustWork({ token, renewed, call }: Seen): void {
  must(token.outcome === 'ok', 'a token', token);
  must(renewed.outcome === 'ok', 'a refreshed token', renewed);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
}

export default requirement({
  rule: 'Members of a token response that the client does not know, nested ones too, are ignored.',
  sources: ['RFC 6749, section 5.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh'],
      faults: [{ on: { endpoint: 'token' }, change: { json: UNKNOWN } }],
      flow: tokenRefreshAndCall,
      twin: mustWork,
      judge: mustWork,
    }),
  },
});
