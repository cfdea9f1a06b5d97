import { ConfigError } from '../error_classes.ts';
import { OAuthError } from '../errors.ts';

/** The code of an error of the file system, such as `ENOENT`; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

/**
 * Says what could not be done with a file, and why.
 *
 * @param doing a verb and what it is about, such as `write /home/me/tokens.json`.
 * @returns `config_error` for an error of the file system; everything else as it is.
 */
export function fileError(doing: string, error: unknown): unknown {
  const code = errorCode(error);
  if (code === undefined || error instanceof OAuthError) return error;
  // Node's text is "EACCES: permission denied, open '<path>'"; the path is said already.
  const [reason = code] = error instanceof Error ? error.message.split(',') : [];
  return new ConfigError(`cannot ${doing}: ${reason}`);
}

/** Runs work on a file that may be missing: `undefined` if it is. */
export async function ifThere<Result>(work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
