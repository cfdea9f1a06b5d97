import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { prepare } from '../cache/prepare.ts';
import type { Needs } from '../implementations/find.ts';
import { fact } from './facts.ts';
import { changed, findProgram } from './find-program.ts';
import { type Missing, refuse } from './missing.ts';
import { run } from './run.ts';
import type { Progress, RuntimeKind } from './runtime.ts';
import { isAtLeast } from './version.ts';

/** The least that requests 2.34 takes. */
const PYTHON = '3.10';

/** `_base_executable`: the interpreter itself, also when `python3` is one of a virtual environment. */
const QUESTION = `
import importlib.util, json, platform, sys
print(json.dumps({
  "executable": getattr(sys, "_base_executable", sys.executable),
  "version": platform.python_version(),
  "can_make_environments": all(map(importlib.util.find_spec, ("venv", "ensurepip")))}))`;

const answer = z.object({
  executable: z.string(),
  version: z.string(),
  can_make_environments: z.boolean(),
});
type Interpreter = z.infer<typeof answer>;

/** Python with the packages of a requirements.txt, in an environment of our own. */
export const python: RuntimeKind = {
  find: findPython,
  async prepare(needs, progress) {
    const interpreter = await findPython();
    const environment = await prepareEnvironment(interpreter, needs, progress);
    return {
      path: [join(environment, 'bin')],
      env: {},
      version: `Python ${interpreter.version}`,
    };
  },
};

async function findPython(): Promise<Interpreter> {
  const program = await findProgram('python3');
  if (program === undefined) return refuse(missing);
  // `python3` may be the shim of a version manager, which picks the interpreter by these.
  const choice = [
    process.env['PYENV_VERSION'] ?? '',
    await changed(`${dirname(program.path)}/../version`),
  ];
  return fact('python', answer, [program.identity, ...choice], async () => {
    const said = await run([program.path, '-I', '-c', QUESTION], 'Asking python3');
    const interpreter = answer.parse(JSON.parse(said));
    const { version, can_make_environments: complete } = interpreter;
    return complete && isAtLeast(version, PYTHON) ? interpreter : refuse(missing);
  });
}

async function prepareEnvironment(
  interpreter: Interpreter,
  needs: Needs,
  progress: Progress,
): Promise<string> {
  const { packages } = needs;
  const { executable, version } = interpreter;
  const wanted = packages === undefined ? '' : await readFile(packages, 'utf8');
  return prepare({
    // By folder: a kind keeps two entries, and the environments of several folders are in use side by side.
    kind: packages === undefined ? 'python' : `python-${basename(dirname(packages))}`,
    key: [executable, version, await changed(executable), wanted],
    progress,
    async build(folder) {
      progress(
        `Python ${version}: installing ${packages === undefined ? 'nothing' : basename(packages)} …`,
      );
      await run([executable, '-I', '-m', 'venv', folder], 'Making a Python environment');
      const pip = [join(folder, 'bin', 'python'), '-I', '-m', 'pip', '--disable-pip-version-check'];
      if (packages !== undefined) {
        const checked = ['--require-hashes', '--no-deps', '--no-input', '--quiet', '-r', packages];
        await run([...pip, 'install', ...checked], `Installing ${packages}`);
        await run([...pip, 'check'], `Checking ${packages}`);
      }
      // Its scripts name the folder that this one is moved from; what nobody needs need not be checked.
      await run([...pip, 'uninstall', '--yes', '--quiet', 'pip', 'setuptools'], 'Removing pip');
    },
  });
}

const missing: Missing = {
  what: `Python ${PYTHON} or newer with venv (python3)`,
  packages: { 'apt-get': ['python3', 'python3-venv'], dnf: ['python3'], brew: ['python3'] },
  otherwise: `Python ${PYTHON} or newer with its venv module, as "python3" on PATH`,
};
