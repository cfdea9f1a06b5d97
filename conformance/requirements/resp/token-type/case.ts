import { plain, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { jsonBody } from '../../../src/wire/exchange.ts';

async function tokenRefreshAndCall(stage: Stage) {
  const client = await stage.open(CLIENTS.service);
  const token = await client.tryToken();
  const renewed = await client.tryToken({ force_refresh: true });
  return { token, renewed, call: await client.tryCall() };
}
type Seen = Awaited<ReturnType<typeof tokenRefreshAndCall>>;

function mustWork({ token, renewed, call }: Seen): void {
  must(token.outcome === 'ok', 'a token, whatever the case of its token_type', token);
  must(renewed.outcome === 'ok', 'a refreshed token, whatever the case of its token_type', renewed);
  must(call.outcome === 'ok' && call.status === 200, 'an API call with it', call);
}

function spelt(tokenType: string) {
  return provoked({
    needs: ['client_credentials', 'refresh'],
    faults: [{ on: { endpoint: 'token' }, change: { json: { token_type: tokenType } } }],
    flow: tokenRefreshAndCall,
    twin: mustWork,
    judge: mustWork,
  });
}

export default requirement({
  rule: 'Bearer, bearer and bEARER are the same token type.',
  sources: ['RFC 6749, section 5.1', 'RFC 6750, section 4'],
  level: 'MUST',
  tier: 'core',
  cases: {
    'a-lower': spelt('bearer'),
    'a-upper': spelt('BEARER'),
    'a-inverted': spelt('bEARER'),
    // This one says so by itself.
    'a-server': plain({
      needs: ['client_credentials', 'refresh'],
      servers: ['django-oidc-provider'],
      async run(stage) {
        const seen = await tokenRefreshAndCall(stage);
        const types = stage.tokenRequests.map(({ response }) => jsonBody(response)?.['token_type']);
        reach(types.length > 0 && types.every((type) => type === 'bearer'), 'bearer', types);
        mustWork(seen);
      },
    }),
  },
});
