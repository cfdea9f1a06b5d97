import { RED } from '../verdict/verdict.ts';
import type { Report } from './model.ts';

/** Why the run as a whole could not be done, though trials were: each reason makes the exit code 2. */
export function voidReasons({ implementations, trials }: Report): string[] {
  const reasons = implementations.flatMap(({ name, broken }) =>
    broken === undefined
      ? []
      : [
          `${name}: the adapter does not work: ${broken}. Start it by hand and write a request of docs/protocol.md to it; what is no answer belongs on its standard error`,
        ],
  );
  const lost = trials.filter(({ verdict }) => verdict === 'harness-error').length;
  if (lost > 0) reasons.push(`${lost} trials ended in an error of the harness or its servers`);
  return reasons;
}

/** Implementations of which nothing was tried: silence is not a pass. */
export function untried({ implementations, trials }: Report): string[] {
  const tried = new Set(
    trials
      .filter(({ verdict }) => verdict !== 'not-implemented')
      .map(({ implementation }) => implementation),
  );
  return implementations.map(({ name }) => name).filter((name) => !tried.has(name));
}

/** 0 all as expected, 1 a requirement failed or nothing was tried, 2 the run could not be done. */
export function exitCode(report: Report): 0 | 1 | 2 {
  if (voidReasons(report).length > 0) return 2;
  return untried(report).length > 0 || report.trials.some(({ verdict }) => RED.has(verdict))
    ? 1
    : 0;
}
