import { join } from 'node:path';
import {
  type Company,
  plain,
  type PlainCase,
  requirement,
} from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { loggedIn } from '../../src/trial/logins.ts';
import { mustUseRenewed } from '../../src/trial/renewed.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';

/** One client logs a person in; another one goes on with that login; both renew it at the same moment, and both use it. */
async function handOver(stage: Stage, { partner }: Company): Promise<void> {
  const more = { token_file: join(await stage.folder(), 'tokens.json') };
  const first = await stage.openLogin(CLIENTS.native, more);
  await loggedIn(first);
  const second = await stage.openLogin(CLIENTS.native, more, await partner());
  const taken = await second.tryToken();
  must(taken.outcome === 'ok', 'the login of the first client in the second', taken);
  reach(
    stage.tokenRequests.length === 1,
    'no token request but that of the login',
    stage.tokenRequests.length,
  );
  const renewed = await Promise.all([
    first.tryToken({ force_refresh: true }),
    second.tryToken({ force_refresh: true }),
  ]);
  const calls = await Promise.all([first.tryCall(), second.tryCall()]);
  const refreshes = (): number => stage.refreshes.length;
  must(refreshes() === 1, 'one refresh for both', refreshes());
  const failed = [...renewed, ...calls].find(({ outcome }) => outcome !== 'ok');
  must(failed === undefined, 'a renewed token that works in both', failed);
  mustUseRenewed(stage);
  // Then one after the other: what the second has renewed, the first takes.
  const again = await second.tryToken({ force_refresh: true });
  must(again.outcome === 'ok', 'another renewed token', again);
  const found = await first.tryToken({ force_refresh: true });
  must(found.outcome === 'ok', 'the token that the other has renewed', found);
  must(refreshes() === 2, 'no refresh for what is there', refreshes() - 1);
  const used = await first.tryCall();
  must(used.outcome === 'ok', 'a token that works', used);
  await stage.mustRemember('refresh', 2);
}

function to(partner: string): PlainCase {
  return plain({
    partner,
    needs: ['authorization_code', 'refresh', 'store', 'shared_store'],
    // What goes from one client to the other is a file: `refresh.cross-process` tries it at every server.
    servers: ['keycloak'],
    // With rotation a refresh token that is sent twice ends the session, and an API that asks Keycloak sees that at once.
    given: { realm: 'korusticket-rotating', introspecting: true },
    waits: 3,
    // Long enough for the other one to come meanwhile, on a machine that stalls for seconds too.
    faults: [{ on: { endpoint: 'token', refresh: true, nth: [1] }, delayMs: 3_000 }],
    run: handOver,
  });
}

export default requirement({
  rule: 'A login that one language has stored is used and renewed by another one, and when both renew it at the same moment, one refresh goes out.',
  sources: ['docs/token-file.md', 'RFC 9700, section 4.14.2'],
  level: 'practice',
  // As `refresh.cross-process`, which it plays between languages.
  tier: 'hardened',
  cases: {
    'to-typescript': to('typescript'),
    'to-python': to('python'),
    'to-r': to('r'),
    'to-groovy': to('groovy'),
  },
});
