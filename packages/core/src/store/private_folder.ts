import {
  chmod,
  constants,
  type FileHandle,
  mkdir,
  open,
  readdir,
  realpath,
} from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, parse } from 'node:path';
import { fileError, ifThere } from './file_error.ts';
import { readRegular } from './private_file.ts';
import { LARGEST, readTokenFile } from './token_file.ts';

const OTHERS = 0o077;
const SPECIAL = 0o7000;

/** Makes a folder that only its owner may use, with those above it, unless it is there. */
export async function makePrivateFolder(folder: string): Promise<void> {
  try {
    const made = await mkdir(folder, { recursive: true, mode: 0o700 });
    // The umask may have taken the owner's rights.
    if (made !== undefined) await chmod(folder, 0o700);
  } catch (error) {
    throw fileError(`make the folder ${folder}`, error);
  }
}

/**
 * Takes the rights of others to a folder away where it is evidently a folder for tokens, and warns elsewhere: a home folder, /tmp, or a
 * project's folder with a token file in it may be open to others for good reasons.
 *
 * @param folder its real path.
 */
export async function tightenFolder(folder: string, warn: (line: string) => void): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await ifThere(open(folder, constants.O_RDONLY | constants.O_DIRECTORY));
    const stat = await handle?.stat();
    if (!handle || !stat || !(stat.mode & OTHERS)) return;
    const mode = (stat.mode & 0o7777).toString(8).padStart(4, '0');
    const mayBeTightened =
      stat.uid === process.getuid?.() && !(stat.mode & SPECIAL) && (await isForTokens(folder));
    if (mayBeTightened) {
      await handle.chmod(0o700);
      warn(`the folder ${folder} was open to others (mode ${mode}); its mode is 0700 now`);
    } else {
      const cure = 'keep the token file in a folder of its own, with mode 0700';
      warn(`the folder ${folder} is open to others (mode ${mode}): ${cure}`);
    }
  } catch (error) {
    throw fileError(`look at the folder ${folder}`, error);
  } finally {
    await handle?.close();
  }
}

async function isForTokens(folder: string): Promise<boolean> {
  const home = await ifThere(realpath(homedir()));
  if (folder === home || folder === parse(folder).root) return false;
  const names = await readdir(folder);
  const files = new Set(
    names.map((name) => name.replace(/\.(?:damaged|lock(?:\..*)?|tmp\..*)$/, '')),
  );
  for (const file of files) if (!(await isTokenFile(join(folder, file)))) return false;
  return true;
}

// Missing is fine: what belongs to it was there.
async function isTokenFile(path: string): Promise<boolean> {
  try {
    const bytes = await readRegular(path, LARGEST, () => Promise.resolve());
    return bytes === undefined || readTokenFile(bytes).kind === 'whole';
  } catch {
    return false;
  }
}
