export interface Outcome {
  readonly passed: number;
  readonly failed: number;
  /** What failed, each in a line or a block. */
  readonly told: readonly string[];
}

/** A command that ended badly has failed, whatever it has counted. */
export function outcome(exitCode: number, passed: number, failed: number, told: string[]): Outcome {
  return { passed, failed: exitCode === 0 ? failed : Math.max(1, failed), told };
}

export function sum(outcomes: readonly Outcome[]): Outcome {
  return outcomes.reduce(
    (a, b) => ({
      passed: a.passed + b.passed,
      failed: a.failed + b.failed,
      told: [...a.told, ...b.told],
    }),
    { passed: 0, failed: 0, told: [] },
  );
}
