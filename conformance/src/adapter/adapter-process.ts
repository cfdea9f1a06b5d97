import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Writable } from 'node:stream';
import { type Leashed, leash } from '../processes/leash.ts';
import { LineTooLong, lineSplitter } from '../protocol/lines.ts';
import {
  type Handshake,
  type MethodName,
  type Params,
  PROTOCOL_VERSION,
  type Result,
} from '../protocol/messages.ts';
import { AdapterBroken } from './adapter-broken.ts';
import { Calls } from './calls.ts';

// A JVM that compiles its adapter from source needs 2 to 4 s on a busy machine of two cores, and a machine may stand still for ten.
const START_LIMIT_MS = 60_000;
// No case makes a client wait longer than 5 s.
const CALL_LIMIT_MS = 40_000;
// What is killed leaves no coverage.
const END_LIMIT_MS = 20_000;
const LONGEST_LINE = 4 * 1024 * 1024;
const UMASK_000 = ['sh', '-c', 'umask 000 && exec "$0" "$@"'];
const LARGEST_STDERR = 16 * 1024 * 1024;

export interface AdapterCommand {
  readonly command: readonly string[];
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One adapter process and the calls to it. */
export class AdapterProcess {
  readonly #command: AdapterCommand;
  readonly #leashed: Leashed;
  readonly #stdin: Writable;
  readonly #calls: Calls;
  readonly #stderr: Buffer[] = [];
  #stderrSize = 0;
  #broken: AdapterBroken | undefined;
  #handshake: Handshake | undefined;

  private constructor(started: AdapterCommand, before: readonly string[]) {
    const { command, folder, env } = started;
    this.#command = started;
    this.#leashed = leash([...before, ...command], { cwd: folder, env: { ...env } });
    const { stdout, stderr, stdin } = this.#leashed.process.nodeChildProcess;
    if (!stdout || !stderr || !stdin) throw new TypeError('the adapter needs pipes');
    this.#stdin = stdin;
    this.#calls = new Calls(
      (line) => stdin.write(line),
      (why) => this.#break(why),
    );
    const lines = lineSplitter(LONGEST_LINE);
    stdout.on('data', (chunk: Buffer) =>
      this.#read(() => lines(chunk).forEach((line) => this.#calls.receive(line))),
    );
    stderr.on('data', (chunk: Buffer) => this.#read(() => this.#keep(chunk)));
    // Writing to a process that has died is told by its exit, which says more.
    stdin.on('error', () => {});
    void this.#watchEnd(command[0] ?? '');
  }

  /**
   * Starts an adapter and shakes hands.
   *
   * @throws AdapterBroken saying what it did instead, with the end of its standard error.
   */
  static start(command: AdapterCommand): Promise<AdapterProcess> {
    return AdapterProcess.#start(command, []);
  }

  /** @param before words that start the command as they should. */
  static async #start(command: AdapterCommand, before: readonly string[]): Promise<AdapterProcess> {
    const adapter = new AdapterProcess(command, before);
    try {
      adapter.#handshake = await adapter.call(
        'initialize',
        { protocol_version: PROTOCOL_VERSION },
        START_LIMIT_MS,
      );
      return adapter;
    } catch (error) {
      await adapter.#leashed.stop(0);
      const why = error instanceof Error ? error.message : String(error);
      const said = adapter.stderr.trim().split('\n').slice(-8).join('\n  ');
      throw new AdapterBroken(
        `${command.command.join(' ')} (in ${command.folder}): ${why}${said && `\nIts standard error ends with:\n  ${said}`}`,
      );
    }
  }

  /**
   * Starts another process of the same adapter, under umask 000: nothing but itself makes a file of it private.
   *
   * @throws AdapterBroken
   */
  another(): Promise<AdapterProcess> {
    return AdapterProcess.#start(this.#command, UMASK_000);
  }

  get handshake(): Handshake {
    if (!this.#handshake) throw new AdapterBroken('the adapter has not shaken hands');
    return this.#handshake;
  }

  /** Everything it has written to standard error so far. */
  get stderr(): string {
    return Buffer.concat(this.#stderr).toString('utf8');
  }

  get stderrLength(): number {
    return this.#stderrSize;
  }

  stderrSince(offset: number): string {
    return Buffer.concat(this.#stderr).subarray(offset).toString('utf8');
  }

  get pid(): number | undefined {
    return this.#leashed.process.nodeChildProcess.pid;
  }

  get broken(): AdapterBroken | undefined {
    return this.#broken;
  }

  /**
   * @param limitMs how long to wait for the answer, in milliseconds.
   * @throws AdapterBroken, NoAnswer or RpcError
   */
  async call<Name extends MethodName>(
    name: Name,
    params: Params<Name>,
    limitMs = CALL_LIMIT_MS,
  ): Promise<Result<Name>> {
    if (this.#broken) throw this.#broken;
    try {
      return await this.#calls.call(name, params, limitMs);
    } finally {
      // What it wrote to standard error before is there too, but may be read after this answer, in the same turn of the event loop.
      await nextTurn();
    }
  }

  /**
   * Ends its input and waits for it; what does not end by itself is ended.
   *
   * @param limitMs how long it may take, in milliseconds.
   */
  async end(limitMs = END_LIMIT_MS): Promise<void> {
    this.#stdin.end();
    const timer = setTimeout(() => void this.#leashed.stop(0), limitMs);
    await this.#leashed.gone;
    clearTimeout(timer);
  }

  /** SIGKILL, at once, to it and all that it has started: nothing of it can tidy up. */
  kill(): void {
    const { pid } = this;
    // Its process group has its id (leash.sh).
    if (pid !== undefined && !this.#broken) process.kill(-pid, 'SIGKILL');
  }

  async #watchEnd(program: string): Promise<void> {
    const { exitCode, signal } = await this.#leashed.process;
    const how = signal ? `by ${signal}` : `with exit code ${exitCode}`;
    this.#break(exitCode === 127 ? `${program} was not found` : `the adapter ended ${how}`);
  }

  #keep(chunk: Buffer): void {
    this.#stderrSize += chunk.length;
    this.#stderr.push(chunk);
    if (this.#stderrSize > LARGEST_STDERR)
      this.#break(`it wrote over ${LARGEST_STDERR / 1024 / 1024} MiB to standard error`);
  }

  #read(work: () => void): void {
    try {
      if (!this.#broken) work();
    } catch (error) {
      this.#break(error instanceof LineTooLong ? 'it wrote a line over 4 MiB' : String(error));
    }
  }

  #break(why: string): void {
    if (this.#broken) return;
    this.#broken = new AdapterBroken(why);
    this.#calls.fail(this.#broken);
    void this.#leashed.stop(0);
  }
}
