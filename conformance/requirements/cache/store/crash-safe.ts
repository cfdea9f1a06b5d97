import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { plain, provoked, requirement } from '../../../src/requirements/requirement.ts';
import { CLIENTS } from '../../../src/trial/clients.ts';
import { watchFolder } from '../../../src/trial/folder-watch.ts';
import { watchReplacements } from '../../../src/trial/replacement-watch.ts';
import { mustNotLeak } from '../../../src/trial/leaks.ts';
import { must, reach } from '../../../src/verdict/verdict.ts';

const RENEWALS = 20;
// Of each renewal a reader should see one new content or more, but on a busy machine it may sleep through several.
const LEAST_VERSIONS = 5;
// No secret of any trial, short enough to be quoted whole by a parser that shows where it stumbled.
const CANARY = 'Qx7Zp9';
const FILE = 'tokens.json';

/** Half of a token file, and then what makes a JSON parser quote its neighbourhood. */
function damaged(text: string): string {
  return `${text.slice(0, text.length / 2)}" ${CANARY}`;
}

export default requirement({
  rule: 'The token file is whole at every moment (a); a damaged one counts as empty, with a warning that shows no content (b).',
  sources: [
    'practice: a process may be killed, and a disk be full, at any moment',
    'docs/token-file.md, Reading and Writing',
  ],
  level: 'practice',
  tier: 'hardened',
  cases: {
    a: plain({
      needs: ['client_credentials', 'refresh', 'store', 'shared_store'],
      async run(stage) {
        const folder = await stage.folder();
        const file = join(folder, FILE);
        const renew = async (): Promise<void> => {
          const client = await stage.open(CLIENTS.service, { token_file: file });
          await client.token();
          for (let renewal = 0; renewal < RENEWALS; renewal++)
            await client.token({ force_refresh: true });
        };
        let otherwise: string[] = [];
        const seen = await watchFolder(folder, file, async () => {
          otherwise = await watchReplacements(folder, file, renew);
        });
        must(otherwise.length === 0, 'a whole file moved into its place each time', otherwise);
        must(seen.torn.length === 0, 'a whole file at every look', seen.torn);
        reach(
          seen.versions >= LEAST_VERSIONS,
          `${LEAST_VERSIONS} contents or more`,
          `${seen.versions} in ${seen.looks} looks`,
        );
      },
    }),
    b: provoked({
      needs: ['client_credentials', 'store'],
      async flow(stage, provoked) {
        const file = join(await stage.folder(), FILE);
        const settings = { token_file: file, debug: true };
        await (await stage.open(CLIENTS.service, settings)).call();
        const text = await readFile(file, 'utf8').catch(() => '');
        reach(text !== '', 'a token file', 'none');
        if (provoked) await writeFile(file, damaged(text));
        const another = await stage.startAdapter();
        const client = await stage.open(CLIENTS.service, settings, another);
        const call = await client.tryCall();
        // What the new process has stored is found by one that has never seen it.
        const heir = await (await stage.open(CLIENTS.service, settings)).tryCall();
        return { calls: [call, heir], stderr: another.stderr };
      },
      twin({ calls }, stage) {
        must(
          calls.every(({ outcome }) => outcome === 'ok'),
          'API calls',
          calls,
        );
        must(stage.grants.length === 1, 'one grant', stage.grants.length);
      },
      judge({ calls: [call, heir], stderr }, stage) {
        mustNotLeak(stage.stderr, 'standard error', stage.wire);
        mustNotLeak(JSON.stringify(stage.answers), 'the answers of the adapter', stage.wire);
        const told = stderr + JSON.stringify(stage.answers);
        must(!told.includes(CANARY), 'nothing of the content in any output', 'a part of it');
        must(call?.outcome === 'ok', 'an API call in spite of the damage', call);
        must(
          stderr.includes(FILE),
          'a warning on standard error that names the file',
          'none that does',
        );
        must(heir?.outcome === 'ok', 'an API call with what was stored then', heir);
        must(
          stage.grants.length === 2,
          'one grant before the damage, and one after it',
          stage.grants.length,
        );
      },
    }),
  },
});
