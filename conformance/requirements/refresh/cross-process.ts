import { join } from 'node:path';
import { EVERY_SERVER, provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { mustUseRenewed } from '../../src/trial/renewed.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';
import { form } from '../../src/wire/exchange.ts';

function sentRefreshTokens(stage: Stage): (string | null)[] {
  return stage.refreshes.map(({ request }) => form(request).get('refresh_token'));
}

export default requirement({
  rule: 'Two processes that share a token file never send one refresh token twice, and both go on with a token that works.',
  sources: [
    'practice: with rotation, the second use of a refresh token ends the session (RFC 9700, section 4.14.2)',
    'docs/token-file.md, Renewing',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: provoked({
      needs: ['client_credentials', 'refresh', 'store', 'shared_store'],
      servers: EVERY_SERVER,
      // The API asks the server about each token, so a session that has been ended is seen at once.
      given: { realm: 'korusticket-rotating', introspecting: true },
      waits: 4,
      // Long enough for the other one to come while the first refresh is under way, on a machine that stalls for seconds too.
      faults: [{ on: { endpoint: 'token', grant: 'refresh_token' }, delayMs: 4_000 }],
      async flow(stage, shared) {
        const folder = await stage.folder();
        const adapters = await Promise.all([stage.startAdapter(), stage.startAdapter()]);
        const clients = [];
        for (const [index, adapter] of adapters.entries()) {
          const token_file = join(folder, shared ? 'tokens.json' : `tokens-${index}.json`);
          const client = await stage.open(CLIENTS.service, { token_file }, adapter);
          await client.token();
          clients.push(client);
        }
        const renewed = await Promise.all(
          clients.map((client) => client.tryToken({ force_refresh: true })),
        );
        const calls = await Promise.all(clients.map((client) => client.tryCall()));
        return { renewed, calls };
      },
      twin({ renewed, calls }, stage) {
        const failed = [...renewed, ...calls].find(({ outcome }) => outcome !== 'ok');
        must(failed === undefined, 'a renewed token that works in each process', failed);
        const seen = `${stage.grants.length} grants, ${stage.refreshes.length} refreshes`;
        must(
          stage.grants.length === 2 && stage.refreshes.length === 2,
          'a grant and a refresh of each process',
          seen,
        );
      },
      async judge({ renewed, calls }, stage) {
        const sent = sentRefreshTokens(stage);
        must(
          new Set(sent).size === sent.length,
          'each refresh token on the wire once',
          `${sent.length} refreshes with ${new Set(sent).size} tokens`,
        );
        const failed = [...renewed, ...calls].find(({ outcome }) => outcome !== 'ok');
        must(failed === undefined, 'a renewed token that works in both processes', failed);
        mustUseRenewed(stage);
        reach(
          stage.grants.length === 1 && sent.length > 0,
          'one grant for both, and a refresh',
          `${stage.grants.length} grants, ${sent.length} refreshes`,
        );
        await stage.mustRemember('refresh', sent.length);
      },
    }),
  },
});
