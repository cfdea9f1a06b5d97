import { resolve } from 'node:path';
import { ConfigError } from '../error_classes.ts';
import type { Lease, StoredTokens, TokenStore, Versioned } from './token_store.ts';

export interface FileStoreOptions {
  /** Is told, once each, what somebody should know: damage, modes. No line shows what is stored. `process.emitWarning` by default. */
  readonly warn?: ((line: string) => void) | undefined;
  /** Milliseconds to wait for a lease; 60 000 by default, more than a renewal may take. */
  readonly lockLimitMs?: number | undefined;
}

/**
 * Keeps tokens in a file that processes of all languages of this project may share (docs/token-file.md): mode 0600, in a folder of mode
 * 0700 that is made if it is missing. A lease of one key is one of all keys of the file. Every method throws `config_error` where the file
 * cannot be read or written, is a symbolic link, or has another format or version.
 *
 * @example
 * ```ts
 * const store = new FileStore(`${homedir()}/.config/tickets/tokens.json`);
 * ```
 */
export class FileStore implements TokenStore {
  readonly #path: string;
  readonly #options: FileStoreOptions;
  #file: Promise<TokenStore> | undefined;

  constructor(path: string, options: FileStoreOptions = {}) {
    if (path === '') throw new ConfigError('the path of the token file is empty');
    this.#path = resolve(path);
    this.#options = options;
  }

  async load(key: string): Promise<Versioned> {
    return (await this.#opened()).load(key);
  }

  /** @throws Error outside of a lease; TypeError for tokens that no reader would take. */
  async save(
    key: string,
    tokens: StoredTokens | undefined,
    version: string,
  ): Promise<string | undefined> {
    return (await this.#opened()).save(key, tokens, version);
  }

  async lease<Result>(key: string, work: (lease: Lease) => Promise<Result>): Promise<Result> {
    return (await this.#opened()).lease(key, work);
  }

  /** What works with files is loaded when there is one to work with: most programs keep their tokens in memory. */
  #opened(): Promise<TokenStore> {
    this.#file ??= import('./shared_file.ts').then(
      ({ SharedFile }) => new SharedFile(this.#path, this.#options),
    );
    return this.#file;
  }
}
