import { plain, requirement } from '../../src/requirements/requirement.ts';
import type { Config } from '../../src/protocol/messages.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { tokenLabels } from '../../src/trial/labels.ts';
import { canaries, leaked } from '../../src/trial/leaks.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { header } from '../../src/wire/exchange.ts';

/** The token endpoint's URL is the matter of req.params.body-only, an access token in the API's that of api.no-query-token. */
function mustKeepSecrets(stage: Stage): void {
  const secrets = canaries(stage.wire);
  const others = new Map([...secrets].filter(([, label]) => !label.startsWith('AT')));
  for (const { request, endpoint } of stage.wire) {
    const referer = leaked(header(request, 'referer') ?? '', secrets);
    must(referer === undefined, 'no secret in a Referer', referer);
    if (endpoint === 'token') continue;
    const found = leaked(request.target, endpoint === 'api' ? others : secrets);
    must(found === undefined, `no secret in a URL of the ${endpoint} endpoint`, found);
  }
}

async function everything(stage: Stage, config: Partial<Config>): Promise<void> {
  const client = await stage.open(CLIENTS.service, config);
  await client.tryToken();
  mustKeepSecrets(stage);
  await client.token({ force_refresh: true });
  await client.tryCall();
  mustKeepSecrets(stage);
  reach(
    stage.apiRequests.length >= 1 && tokenLabels(stage.wire).size >= 2,
    'a whole flow on the wire',
    stage.wire.length,
  );
}

export default requirement({
  rule: 'No secret, token or verifier stands in any URL or Referer.',
  sources: ['RFC 6749, section 2.3.1', 'RFC 9700, section 4.3.2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    'a-endpoints': plain({
      needs: ['client_credentials', 'refresh'],
      run: (stage) => everything(stage, {}),
    }),
    'a-discovery': plain({
      needs: ['client_credentials', 'refresh', 'discovery'],
      async run(stage) {
        await everything(stage, { issuer: stage.issuer });
        reach(
          stage.wire.some(({ endpoint }) => endpoint === 'discovery'),
          'a discovery request',
          stage.wire.length,
        );
      },
    }),
  },
});
