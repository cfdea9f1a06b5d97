import { access, constants, realpath, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** A program on PATH, with what changes when it is replaced by another version. */
export interface Program {
  /** As found on PATH. */
  readonly path: string;
  /** The file behind all links. */
  readonly real: string;
  readonly identity: string;
}

/** Looks a program up on PATH as a shell would, without starting anything. */
export async function findProgram(
  name: string,
  folders: readonly string[] = pathFolders(),
): Promise<Program | undefined> {
  for (const folder of folders) {
    const program = await programAt(join(folder, name));
    if (program !== undefined) return program;
  }
  return undefined;
}

/** Folders without repeats in such an order that each name still means the same program. */
export function inPathOrder(folders: readonly string[]): string[] {
  return pathFolders().filter((folder) => folders.includes(folder));
}

function pathFolders(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return [...new Set(folders.filter((folder) => folder !== ''))];
}

/** When a file or folder was last changed, as a part of a key; empty if it does not exist. */
export async function changed(path: string): Promise<string> {
  return stat(path).then(
    ({ mtimeMs }) => String(mtimeMs),
    () => '',
  );
}

async function programAt(path: string): Promise<Program | undefined> {
  try {
    await access(path, constants.X_OK);
    const real = await realpath(path);
    const file = await stat(real);
    if (!file.isFile()) return undefined;
    return { path, real, identity: `${real} ${file.mtimeMs} ${file.size}` };
  } catch {
    return undefined;
  }
}
