import type { Identified } from '../requirements/load.ts';
import { VERDICTS, type Verdict } from '../verdict/verdict.ts';
import { type Report, SCHEMA_VERSION, type TrialResult } from './model.ts';

export interface Ran {
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly servers: Report['servers'];
  readonly implementations: Report['implementations'];
  readonly requirements: readonly Identified[];
  readonly trials: readonly TrialResult[];
}

/** The one model from which every report is written. */
export function buildReport(ran: Ran): Report {
  return {
    schemaVersion: SCHEMA_VERSION,
    startedAt: ran.startedAt.toISOString(),
    servers: ran.servers,
    implementations: ran.implementations,
    requirements: ran.requirements.map(({ id, rule, sources, level, tier }) => ({
      id,
      rule,
      sources: [...sources],
      level,
      tier,
    })),
    trials: [...ran.trials],
    totals: totals(ran.trials),
    duration_ms: Math.round(ran.durationMs),
  };
}

function totals(trials: readonly TrialResult[]): Record<Verdict, number> {
  const counts = Object.fromEntries(VERDICTS.map((verdict) => [verdict, 0])) as Record<
    Verdict,
    number
  >;
  for (const { verdict } of trials) counts[verdict]++;
  return counts;
}
