import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plain, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { leaked } from '../../../src/trial/leaks.ts';
import { loggedIn } from '../../../src/trial/logins.ts';
import type { Stage } from '../../../src/trial/stage.ts';
import { tokenLabels } from '../../../src/trial/labels.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';

async function logOutAndAsk(stage: Stage) {
  const token_file = join(await stage.folder(), 'tokens.json');
  const client = await stage.openLogin(CLIENTS.native, { token_file });
  await loggedIn(client);
  const read = () => readFile(token_file, 'utf8').catch(() => '');
  const before = await read();
  const outcome = await client.tryLogout();
  const after = await read();
  const sent = stage.tokenRequests.length;
  const next = await client.tryToken();
  return { before, outcome, after, next, sentNext: stage.tokenRequests.length - sent };
}
type Seen = Awaited<ReturnType<typeof logOutAndAsk>>;

function mustForget({ before, after, next, sentNext }: Seen, stage: Stage): void {
  const tokens = tokenLabels(stage.wire);
  reach(leaked(before, tokens) !== undefined, 'the tokens in the file before the logout', 'none');
  const kept = leaked(after, tokens);
  must(kept === undefined, 'no token in the file after the logout', kept);
  must(
    next.outcome === 'error' && next.error.class === 'login_required',
    'login_required after the logout',
    next,
  );
  must(sentNext === 0, 'no token request after the logout', sentNext);
}

export default requirement({
  rule: 'A logout takes the tokens from memory and store (a), also if the server cannot be told, which is reported (b).',
  sources: ['practice: whoever has logged out must not be logged in because a server was down'],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: plain({
      needs: ['authorization_code', 'store', 'revocation'],
      async run(stage) {
        const seen = await logOutAndAsk(stage);
        must(seen.outcome.outcome === 'ok', 'a logout', seen.outcome);
        mustForget(seen, stage);
      },
    }),
    b: provoked({
      needs: ['authorization_code', 'store', 'revocation'],
      faults: [{ on: { endpoint: 'revocation' }, answer: { status: 500 } }],
      flow: logOutAndAsk,
      twin(seen, stage) {
        must(seen.outcome.outcome === 'ok', 'a logout', seen.outcome);
        mustForget(seen, stage);
      },
      judge(seen, stage) {
        must(
          seen.outcome.outcome === 'error',
          'an error, since the server was not told',
          'a logout',
        );
        mustForget(seen, stage);
      },
    }),
  },
});
