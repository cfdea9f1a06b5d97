import { edit, mutants } from '../../src/mutants/mutant.ts';

const CREATE = "open(temporary, 'wx', 0o600)";
const TIGHTEN = '      await handle.chmod(0o600);\n      await handle.writeFile(text);';
const file = (find: string, replace: string) => ({
  file: 'store/private_file.ts',
  find,
  replace,
});
const folder = (find: string, replace: string) => ({
  file: 'store/private_folder.ts',
  find,
  replace,
});
const lock = (find: string, replace: string) => ({ file: 'store/file_lock.ts', find, replace });

export default mutants({
  // Whoever reads a file that is open to others takes their rights away, which changes it in its place.
  'a-umask': {
    does: 'leaves the mode to the umask',
    collateral: ['cache.store.crash-safe'],
    edits: [
      file(CREATE, "open(temporary, 'wx')"),
      file(TIGHTEN, '      await handle.writeFile(text);'),
    ],
  },
  'a-0644': {
    does: 'gives the file mode 0644',
    collateral: ['cache.store.crash-safe'],
    edits: [file(TIGHTEN, TIGHTEN.replace('0o600', '0o644'))],
  },
  'a-folder': {
    does: 'makes the folder as the umask has it, and leaves it so',
    edits: [
      folder('{ recursive: true, mode: 0o700 }', '{ recursive: true }'),
      folder('if (made !== undefined) await chmod(folder, 0o700);', ''),
      folder('await handle.chmod(0o700);', ''),
    ],
  },
  'a-lock': {
    does: 'makes the lock as the umask has it',
    edits: [
      lock("open(path, 'wx', 0o600)", "open(path, 'wx')"),
      lock('await handle.chmod(0o600);', ''),
    ],
  },
  b: edit(
    'store/private_file.ts',
    'if (!(mode & OTHERS)) return;',
    'return;',
    'leaves a file open that it finds open',
  ),
});
