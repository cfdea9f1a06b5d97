/**
 * One run of a piece of work at a time: whoever asks while it is under way gets its result or its error. Neither is remembered
 * afterwards. Two refreshes with one refresh token would look like theft to a server that rotates them (RFC 9700, section 4.14.2).
 */
export class SingleFlight<Result> {
  #underWay: Promise<Result> | undefined;

  get isUnderWay(): boolean {
    return this.#underWay !== undefined;
  }

  run(work: () => Promise<Result>): Promise<Result> {
    this.#underWay ??= work().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }
}
