import { fileURLToPath } from 'node:url';
import { parseArgsStringToArgv } from 'string-argv';
import { CannotRun } from '../cannot-run.ts';
import { findImplementations, type Implementation } from '../implementations/find.ts';
import type { Options } from './options.ts';

const REPOSITORY = fileURLToPath(new URL('../../..', import.meta.url));

/**
 * What the options name: implementations of the repository, or the one command of `--adapter`.
 *
 * @throws CannotRun for a name that is not there.
 */
export async function subjects({ adapter, implementations }: Options): Promise<Implementation[]> {
  if (adapter !== undefined) return [adapterOnly(adapter)];
  const all = await findImplementations(REPOSITORY);
  const unknown = implementations.filter((name) => !all.some((known) => known.name === name));
  if (unknown.length > 0) {
    throw new CannotRun(
      `--implementation ${unknown.join(',')}: there is none of that name. There are: ${all.map(({ name }) => name).join(', ')}`,
    );
  }
  return implementations.length === 0
    ? all
    : all.filter(({ name }) => implementations.includes(name));
}

function adapterOnly(command: string): Implementation {
  const words = parseArgsStringToArgv(command);
  if (words.length === 0) throw new CannotRun('--adapter: the command is empty');
  return {
    name: 'adapter',
    language: 'unknown',
    folder: process.cwd(),
    adapter: words,
    samples: {},
    needs: { runtime: 'node' },
  };
}
