import { plain, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { query } from '../../../src/wire/exchange.ts';

async function mustKeepQuery(
  stage: Stage,
  configured: string,
  refreshConfigured: string,
): Promise<void> {
  const withQuery = (url: string, text: string) => (text === '' ? url : `${url}?${text}`);
  const client = await stage.open(CLIENTS.service, {
    token_url: withQuery(stage.tokenUrl, configured),
    ...(refreshConfigured !== configured && {
      refresh_url: withQuery(stage.tokenUrl, refreshConfigured),
    }),
  });
  await client.tryToken();
  for (const { request } of stage.grants) {
    must(query(request) === configured, `the query '${configured}'`, `'${query(request)}'`);
  }
  await client.token({ force_refresh: true });
  reach(stage.refreshes.length === 1, 'a refresh request', stage.tokenRequests.length);
  for (const { request } of stage.refreshes) {
    must(
      query(request) === refreshConfigured,
      `the query '${refreshConfigured}' on refresh`,
      `'${query(request)}'`,
    );
  }
}

export default requirement({
  rule: 'No parameter of the grant or of the credentials stands in the URI of a token request; a query of the configured URL stays.',
  sources: ['RFC 6749, section 2.3.1', 'RFC 6749, section 3.2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials', 'refresh'],
      run: (stage) => mustKeepQuery(stage, '', ''),
    }),
    b: plain({
      needs: ['client_credentials', 'refresh'],
      run: (stage) => mustKeepQuery(stage, 't=1', 't=1'),
    }),
    'b-refresh': plain({
      needs: ['client_credentials', 'refresh'],
      run: (stage) => mustKeepQuery(stage, 't=1&u=2', 'r=2'),
    }),
  },
});
