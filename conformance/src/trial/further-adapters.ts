import pLimit from 'p-limit';
import type { AdapterProcess } from '../adapter/adapter-process.ts';

// Each further one would need processes of its own.
const STAGES_AT_ONCE = 1;

/** Processes of an implementation that have served a stage, and may serve the next: a JVM takes a second to start. */
export class SpareAdapters {
  readonly #first: AdapterProcess;
  readonly #spare: AdapterProcess[] = [];
  readonly #stages = pLimit(STAGES_AT_ONCE);

  constructor(first: AdapterProcess) {
    this.#first = first;
  }

  /**
   * Waits until few enough stages have further processes.
   *
   * @param waiting called if that may take a while.
   * @returns what to call when the stage has none any more.
   */
  enter(waiting: () => void): Promise<() => void> {
    if (this.#stages.activeCount + this.#stages.pendingCount >= STAGES_AT_ONCE) waiting();
    return new Promise((entered) => {
      void this.#stages(() => new Promise<void>((leave) => entered(leave)));
    });
  }

  /** One that no stage has, from the last stage or newly started. @throws AdapterBroken */
  async take(): Promise<AdapterProcess> {
    const spare = this.#spare.pop();
    return spare && !spare.broken ? spare : this.#first.another();
  }

  giveBack(adapter: AdapterProcess): void {
    if (!adapter.broken) this.#spare.push(adapter);
  }

  async end(): Promise<void> {
    await Promise.all(this.#spare.map((adapter) => adapter.end()));
  }
}

interface Taken {
  readonly adapter: AdapterProcess;
  readonly stderrFrom: number;
}

/** The processes that one stage has beside the one that all trials share. */
export class FurtherAdapters {
  readonly #spare: SpareAdapters;
  readonly #taking: Promise<Taken>[] = [];
  readonly #taken: Taken[] = [];
  readonly #rest: () => void;
  #entering: Promise<() => void> | undefined;

  /** @param rest called when the stage has to wait for those of others */
  constructor(spare: SpareAdapters, rest: () => void) {
    this.#spare = spare;
    this.#rest = rest;
  }

  /** @throws AdapterBroken */
  async start(): Promise<AdapterProcess> {
    const taking = this.#take();
    this.#taking.push(taking);
    const taken = await taking;
    this.#taken.push(taken);
    return taken.adapter;
  }

  /** What they have written to standard error for this stage, one after the other. */
  get stderr(): string {
    return this.#taken.map(({ adapter, stderrFrom }) => adapter.stderrSince(stderrFrom)).join('');
  }

  /** Gives all of them back, those too that are still starting. */
  async end(): Promise<void> {
    // One that did not start, or that is dead already, has been judged.
    await Promise.allSettled(
      this.#taking.map(async (taking) => this.#spare.giveBack((await taking).adapter)),
    );
    (await this.#entering)?.();
  }

  async #take(): Promise<Taken> {
    this.#entering ??= this.#spare.enter(this.#rest);
    await this.#entering;
    const adapter = await this.#spare.take();
    return { adapter, stderrFrom: adapter.stderrLength };
  }
}
