import { plain, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { bearer } from '../../src/wire/exchange.ts';

export default requirement({
  rule: 'While it is valid, one token serves many API calls.',
  sources: [
    'RFC 6749, section 1.5',
    'practice: a token per call doubles the requests and wears out the server',
  ],
  level: 'practice',
  tier: 'core',
  cases: {
    a: plain({
      needs: ['client_credentials'],
      async run(stage) {
        const client = await stage.open(CLIENTS.service);
        for (let call = 0; call < 10; call++) {
          await client.call();
          await client.token();
        }
        for (let call = 0; call < 10; call++) await client.call();
        reach(stage.apiRequests.length === 20, '20 API calls', stage.apiRequests.length);
        must(
          stage.tokenRequests.length === 1,
          'one token request for 20 calls',
          `${stage.tokenRequests.length}`,
        );
        const tokens = new Set(stage.apiRequests.map(({ request }) => bearer(request)));
        must(tokens.size === 1, 'one token in all calls', tokens.size);
      },
    }),
  },
});
