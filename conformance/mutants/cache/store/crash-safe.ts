import { edit, mutants } from '../../../src/mutants/mutant.ts';

const RENAME = '    await rename(temporary, path);\n';

export default mutants({
  'a-in-place': {
    does: 'writes in place',
    edits: [
      {
        file: 'store/private_file.ts',
        find: "open(temporary, 'wx', 0o600)",
        replace: "open(path, 'w', 0o600)",
      },
      { file: 'store/private_file.ts', find: RENAME, replace: '' },
    ],
  },
  'a-removes': edit(
    'store/private_file.ts',
    RENAME,
    `    await rm(path, { force: true });\n${RENAME}`,
    'removes the old file before the new one takes its place',
  ),
  'b-fails': edit(
    'store/shared_file.ts',
    'this.#warnDamaged(`is damaged (${content.reason})`);',
    'throw new ConfigError(`the token file ${this.#path} is damaged`);',
    'gives up at a damaged file',
  ),
  'b-silent': edit(
    'store/shared_file.ts',
    'this.#warnOnce(`the token file ${this.#path} ${what}, which counts as empty; ${then}`);',
    '',
    'does not warn of a damaged file',
  ),
  'b-stays': edit(
    'store/shared_file.ts',
    'if (entryVersion(entry) !== version) return undefined;',
    'if (damaged) return version;\n    if (entryVersion(entry) !== version) return undefined;',
    'does not replace a damaged file',
  ),
});
