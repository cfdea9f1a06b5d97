import { EVERY_SERVER, plain, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';
import { form, jsonBody } from '../../../src/wire/exchange.ts';

export default requirement({
  rule: 'A new refresh token replaces the old one.',
  sources: ['RFC 6749, section 6', 'RFC 9700, section 4.14.2'],
  level: 'MUST',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials', 'refresh'],
      servers: EVERY_SERVER,
      given: { realm: 'korusticket-rotating' },
      async run(stage) {
        const client = await stage.open(CLIENTS.service);
        await client.token();
        for (let refresh = 0; refresh < 3; refresh++)
          await client.tryToken({ force_refresh: true });
        reach(
          stage.refreshes[0]?.response?.status === 200,
          'an accepted refresh',
          stage.tokenRequests.length,
        );
        let current = jsonBody(stage.grants[0]?.response)?.['refresh_token'];
        for (const [index, { request, response }] of stage.refreshes.entries()) {
          must(
            form(request).get('refresh_token') === current,
            `the newest refresh token in refresh ${index + 1}`,
            'an older one',
          );
          current = jsonBody(response)?.['refresh_token'] ?? current;
        }
        must(
          stage.refreshes.length === 3,
          'three refreshes',
          `${stage.refreshes.length} of them, ${stage.grants.length} grants`,
        );
        await stage.mustRemember('refresh', 3);
      },
    }),
  },
});
