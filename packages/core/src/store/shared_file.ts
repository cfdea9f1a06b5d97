import { realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConfigError } from '../error_classes.ts';
import { fileError, ifThere } from './file_error.ts';
import type { FileStoreOptions } from './file_store.ts';
import { type FileLock, LOCK_LIMIT_MS, lockTimeout, takeLock } from './file_lock.ts';
import { readPrivate, replacePrivate } from './private_file.ts';
import { makePrivateFolder, tightenFolder } from './private_folder.ts';
import { sweep } from './sweep.ts';
import {
  EMPTY,
  entryOf,
  entryVersion,
  LARGEST,
  readEntry,
  readTokenFile,
  type TokenFile,
  withEntry,
} from './token_file.ts';
import type { Lease, StoredTokens, TokenStore, Versioned } from './token_store.ts';
import { inTurn } from './turns.ts';

/** What a FileStore does, once it has something to do. */
export class SharedFile implements TokenStore {
  readonly #path: string;
  readonly #warn: (line: string) => void;
  readonly #limitMs: number;
  readonly #warned = new Set<string>();
  #lease: { readonly lock: FileLock; readonly lost: AbortController } | undefined;
  #looked = false;
  #swept = false;

  /** @param path an absolute one. */
  constructor(path: string, options: FileStoreOptions) {
    this.#path = path;
    this.#warn = options.warn ?? ((line) => process.emitWarning(line, 'TokenFileWarning'));
    this.#limitMs = options.lockLimitMs ?? LOCK_LIMIT_MS;
  }

  async load(key: string): Promise<Versioned> {
    await this.#lookAtFolder();
    const { file } = await this.#read();
    const entry = entryOf(file, key);
    return { tokens: this.#tokensIn(entry), version: entryVersion(entry) };
  }

  save(
    key: string,
    tokens: StoredTokens | undefined,
    version: string,
  ): Promise<string | undefined> {
    // One after the other, lest two keys that are saved at once undo each other.
    return inTurn(`save ${this.#path}`, () => this.#save(key, tokens, version));
  }

  async lease<Result>(_key: string, work: (lease: Lease) => Promise<Result>): Promise<Result> {
    const since = performance.now();
    await makePrivateFolder(dirname(this.#path));
    await this.#lookAtFolder();
    const file = await this.#realPath();
    const underLock = async () => {
      const lock = await takeLock(file, { limitMs: this.#limitMs, since });
      const lost = new AbortController();
      this.#lease = { lock, lost };
      try {
        if (!this.#swept) await sweep(file);
        this.#swept = true;
        return await work({ signal: lost.signal });
      } finally {
        this.#lease = undefined;
        await lock.release();
      }
    };
    return inTurn(file, underLock, this.#limitMs, () => lockTimeout(file, this.#limitMs));
  }

  async #save(
    key: string,
    tokens: StoredTokens | undefined,
    version: string,
  ): Promise<string | undefined> {
    const lease = this.#lease;
    if (!lease) throw new Error('a token store saves within a lease only');
    const { file, damaged } = await this.#read();
    const entry = entryOf(file, key);
    if (entryVersion(entry) !== version) return undefined;
    if (!tokens && entry === undefined) return version;
    const next = withEntry(file, key, tokens);
    if (tokens && !readEntry(entryOf(next, key))) throw new TypeError('these are no tokens');
    const text = `${JSON.stringify(next, undefined, 2)}\n`;
    if (Buffer.byteLength(text) > LARGEST)
      throw new ConfigError(`the token file ${this.#path} would become larger than 1 MiB`);
    if (!(await lease.lock.held())) {
      lease.lost.abort(new Error(`the lock of ${this.#path} is gone`));
      return undefined;
    }
    const unreadable = damaged || (entry !== undefined && !readEntry(entry));
    const keepAs = unreadable ? `${this.#path}.damaged` : undefined;
    await replacePrivate(this.#path, text, keepAs);
    this.#warned.clear();
    return entryVersion(entryOf(next, key));
  }

  async #read(): Promise<{ file: TokenFile; damaged: boolean }> {
    const bytes = await readPrivate(this.#path, LARGEST, (line) => this.#warnOnce(line));
    if (!bytes) return { file: EMPTY, damaged: false };
    const content = readTokenFile(bytes);
    if (content.kind === 'foreign')
      throw new ConfigError(`${this.#path} is a file of ${content.found}, and stays as it is`);
    if (content.kind === 'whole') return { file: content.file, damaged: false };
    this.#warnDamaged(`is damaged (${content.reason})`);
    return { file: EMPTY, damaged: true };
  }

  #tokensIn(entry: unknown): StoredTokens | undefined {
    const tokens = readEntry(entry);
    if (!tokens && entry !== undefined) this.#warnDamaged('has a damaged entry');
    return tokens;
  }

  #warnDamaged(what: string): void {
    const then = `it is kept as ${this.#path}.damaged when it is replaced`;
    this.#warnOnce(`the token file ${this.#path} ${what}, which counts as empty; ${then}`);
  }

  #warnOnce(line: string): void {
    if (this.#warned.has(line)) return;
    this.#warned.add(line);
    this.#warn(line);
  }

  async #lookAtFolder(): Promise<void> {
    if (this.#looked) return;
    this.#looked = true;
    await tightenFolder(dirname(await this.#realPath()), (line) => this.#warnOnce(line));
  }

  /** One file has one lock, by whatever path its folder is reached. */
  async #realPath(): Promise<string> {
    const folder = dirname(this.#path);
    try {
      const real = (await ifThere(realpath(folder))) ?? folder;
      return join(real, basename(this.#path));
    } catch (error) {
      throw fileError(`find ${folder}`, error);
    }
  }
}
