// The server of the benchmarks, a process of its own: what it does with its processor is not the clients' time.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { Counts, Rules } from './server_process.ts';

export class BenchServer implements AsyncDisposable {
  readonly origin: string;
  readonly #child: ChildProcess;

  private constructor(origin: string, child: ChildProcess) {
    this.origin = origin;
    this.#child = child;
  }

  static async start(): Promise<BenchServer> {
    const child = fork(new URL('server_process.ts', import.meta.url), { execArgv: [] });
    const [origin] = (await once(child, 'message')) as [string];
    return new BenchServer(origin, child);
  }

  get tokenUrl(): string {
    return `${this.origin}/token`;
  }

  get apiUrl(): string {
    return `${this.origin}/api/`;
  }

  /** Starts to count from nothing. */
  async reset(rules: Rules = {}): Promise<void> {
    await this.#ask(rules);
  }

  /** What was asked of it since then. */
  async counts(): Promise<Counts> {
    return this.#ask('counts');
  }

  async #ask(message: Rules | 'counts'): Promise<Counts> {
    this.#child.send(message);
    const [answer] = (await once(this.#child, 'message')) as [Counts];
    return answer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.disconnect();
    await once(this.#child, 'exit');
  }
}
