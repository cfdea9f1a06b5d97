import { chmod, lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AdapterProcess } from '../../src/adapter/adapter-process.ts';
import { provoked, requirement } from '../../src/requirements/requirement.ts';
import { CLIENTS } from '../../src/trial/clients.ts';
import { watchFolder } from '../../src/trial/folder-watch.ts';
import type { Stage } from '../../src/trial/stage.ts';
import { must, reach } from '../../src/verdict/verdict.ts';

// A file that is made loosely and tightened then is loose for some microseconds: one of several will be seen.
const RENEWALS = 12;

/** Token file and folder, which a client has to make. */
async function places(stage: Stage): Promise<{ folder: string; file: string }> {
  const folder = join(await stage.folder(), 'tokens');
  return { folder, file: join(folder, 'tokens.json') };
}

async function modeOf(path: string): Promise<string> {
  const stat = await lstat(path).catch(() => undefined);
  return stat ? (stat.mode & 0o7777).toString(8).padStart(4, '0') : 'missing';
}

/** The modes of the folder and of all in it; `file` is there even if it is missing. */
async function modes(folder: string, file: string): Promise<Map<string, string>> {
  const names = await readdir(folder).catch(() => []);
  const paths = [folder, file, ...names.map((name) => join(folder, name))];
  return new Map(await Promise.all(paths.map(async (path) => [path, await modeOf(path)] as const)));
}

function mustBePrivate(seen: ReadonlyMap<string, string>, folder: string): void {
  for (const [path, mode] of seen) {
    const wanted = path === folder ? '0700' : '0600';
    const what = path === folder ? 'the folder' : path.slice(folder.length + 1);
    must(mode === wanted, `mode ${wanted} of ${what}`, mode);
  }
}

/** @param started which process is watched. */
function from(started: (stage: Stage) => Promise<AdapterProcess>) {
  return provoked({
    needs: ['client_credentials', 'refresh', 'store'],
    async flow(stage, provoked) {
      const { folder, file } = await places(stage);
      const adapter = provoked ? await started(stage) : stage.adapter;
      const keepTokens = async (renewals: number): Promise<void> => {
        const client = await stage.open(CLIENTS.service, { token_file: file }, adapter);
        await client.token();
        for (let renewal = 0; renewal < renewals; renewal++)
          await client.token({ force_refresh: true });
      };
      const watched = provoked
        ? await watchFolder(folder, file, () => keepTokens(RENEWALS))
        : await keepTokens(0);
      return { folder, file, modes: await modes(folder, file), loose: watched?.loose ?? [] };
    },
    twin: ({ file, modes: seen }) => must(seen.get(file) !== 'missing', 'a token file', 'none'),
    judge({ folder, modes: seen, loose }) {
      mustBePrivate(seen, folder);
      must(loose.length === 0, 'nothing that others might use, at any moment', loose);
    },
  });
}

export default requirement({
  rule: 'The token file has mode 0600, in a folder of mode 0700, from their creation on, whatever the umask (a); looser modes are tightened (b).',
  sources: [
    'RFC 6749, sections 10.3 and 10.4: tokens are kept confidential in storage',
    'docs/token-file.md, Modes',
  ],
  level: 'MUST',
  tier: 'core',
  cases: {
    'a-000': from((stage) => stage.startAdapter()),
    // Mostly 022.
    'a-own': from(async (stage) => stage.adapter),
    b: provoked({
      needs: ['client_credentials', 'store'],
      async flow(stage, provoked) {
        const { folder, file } = await places(stage);
        await (await stage.open(CLIENTS.service, { token_file: file })).token();
        reach((await modeOf(file)) !== 'missing', 'a token file', 'none');
        if (provoked) {
          await chmod(file, 0o644);
          await chmod(folder, 0o755);
        }
        // It has nothing to write: what was left open is tightened when it is read.
        const adapter = await stage.startAdapter();
        await (await stage.open(CLIENTS.service, { token_file: file }, adapter)).call();
        return { folder, modes: await modes(folder, file) };
      },
      twin: (_, stage) => must(stage.grants.length === 1, 'one grant', stage.grants.length),
      judge: ({ folder, modes: seen }) => mustBePrivate(seen, folder),
    }),
  },
});
