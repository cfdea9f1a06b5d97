import { randomBytes } from 'node:crypto';
import { constants, type FileHandle, link, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ConfigError } from '../error_classes.ts';
import { errorCode, fileError, ifThere } from './file_error.ts';

const OTHERS = 0o077;
// A pipe in the file's place must not block the open.
const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a file that only its owner may read, and takes the rights of others away if they had any.
 *
 * @param most bytes; of a larger file one byte more than that is returned.
 * @param warn is told about rights that were taken away.
 * @returns undefined if there is no such file.
 * @throws ConfigError if it cannot be read, is a symbolic link or is not a file.
 */
export async function readPrivate(
  path: string,
  most: number,
  warn: (line: string) => void,
): Promise<Uint8Array | undefined> {
  return readRegular(path, most, async (handle, mode) => {
    if (!(mode & OTHERS)) return;
    await handle.chmod(0o600);
    const octal = (mode & 0o777).toString(8).padStart(4, '0');
    warn(`the token file ${path} was open to others (mode ${octal}); its mode is 0600 now`);
  });
}

/** As {@link readPrivate}, but leaves the file's mode to `look`. */
export async function readRegular(
  path: string,
  most: number,
  look: (handle: FileHandle, mode: number) => Promise<void>,
): Promise<Uint8Array | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await ifThere(open(path, READ));
    if (!handle) return undefined;
    const stat = await handle.stat();
    if (!stat.isFile()) throw new ConfigError(`${path} is not a file`);
    await look(handle, stat.mode);
    return await readAtMost(handle, Math.min(stat.size, most) + 1);
  } catch (error) {
    // Following it would put tokens, and a lock that nobody else sees, into a folder that nobody named.
    if (errorCode(error) === 'ELOOP')
      throw new ConfigError(`${path} is a symbolic link; name the token file itself`);
    throw fileError(`read ${path}`, error);
  } finally {
    await handle?.close();
  }
}

/**
 * Puts a file with mode 0600 in the place of another one: whoever reads sees the old or the new one, whole, after a power failure too.
 *
 * @param keepAs where to keep the old one, in place of what is there.
 * @throws ConfigError if it cannot be written; then the old file stays.
 */
export async function replacePrivate(path: string, text: string, keepAs?: string): Promise<void> {
  const temporary = `${path}.tmp.${process.pid}-${randomBytes(8).toString('hex')}`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      // The umask may have taken the owner's rights.
      await handle.chmod(0o600);
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    if (keepAs !== undefined) {
      await rm(keepAs, { force: true });
      await link(path, keepAs);
    }
    await rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw fileError(`write ${path}`, error);
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (error) {
    // Some file systems cannot do this for a folder; the file is in its place in any case.
    if (!['EINVAL', 'ENOTSUP'].includes(errorCode(error) ?? '')) throw error;
  } finally {
    await handle.close();
  }
}

async function readAtMost(handle: FileHandle, most: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(most);
  let length = 0;
  while (length < most) {
    const { bytesRead } = await handle.read(buffer, length, most - length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return buffer.subarray(0, length);
}
