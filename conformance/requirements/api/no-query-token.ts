import { plain, requirement } from '../../src/requirements/requirement.ts';
import { CATALOGS_PATH } from '../../src/adapter/client.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { leaked } from '../../src/trial/leaks.ts';
import { tokenLabels } from '../../src/trial/labels.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { query } from '../../src/wire/exchange.ts';

export default requirement({
  rule: 'The URI of an API request never holds the token.',
  sources: ['RFC 9700, section 4.3.2', 'OAuth 2.1 draft, section 5.1'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        for (const target of [CATALOGS_PATH, `${CATALOGS_PATH}?page=2`])
          await client.tryCall(target);
        reach(stage.apiRequests.length === 2, 'two API requests', stage.apiRequests.length);
        const labels = [...tokenLabels(stage.wire)];
        // Other secrets are the matter of sec.url.
        const tokens = new Map(labels.filter(([, label]) => label.startsWith('AT')));
        for (const { request } of stage.apiRequests) {
          must(
            leaked(request.target, tokens) === undefined,
            'no token in the URI',
            leaked(request.target, tokens),
          );
          must(
            !new URLSearchParams(query(request)).has('access_token'),
            'no access_token in the query',
            'there is one',
          );
        }
      },
    }),
  },
});
