import { z } from 'zod';
import { SERVER_NAMES } from '../servers/server.ts';
import { VERDICTS } from '../verdict/verdict.ts';

/** Grows when a reader of version n could misread what is written. */
export const SCHEMA_VERSION = 2;

export const trialResult = z.strictObject({
  implementation: z.string(),
  requirement: z.string(),
  case: z.string(),
  server: z.enum(SERVER_NAMES),
  verdict: z.enum(VERDICTS),
  /** Why: what the rule expects and what was seen; the listed reason of an expected failure. */
  reason: z
    .strictObject({ expected: z.string().optional(), seen: z.string().optional() })
    .optional(),
  /** Exchanges and standard error with secrets replaced by labels; only for trials that did not pass. */
  trace: z.strictObject({ wire: z.array(z.string()), stderr: z.string() }).optional(),
  /** Files that the trial left, such as screenshots of a real browser. */
  attachments: z.array(z.string()).optional(),
  duration_ms: z.number(),
});
export type TrialResult = z.infer<typeof trialResult>;

export const implementationReport = z.strictObject({
  name: z.string(),
  language: z.string(),
  runtime: z.string(),
  library: z.string().optional(),
  version: z.string().optional(),
  capabilities: z.array(z.string()),
  /** Why the adapter did not work, if it did not. */
  broken: z.string().optional(),
});
export type ImplementationReport = z.infer<typeof implementationReport>;

export const serverReport = z.strictObject({
  name: z.enum(SERVER_NAMES),
  version: z.string(),
  /** `container`, `distribution`, `url`; `process` where there is but one way. */
  way: z.string(),
  /** Milliseconds spent on what the cache did not have. */
  prepared_ms: z.number(),
  ready_ms: z.number(),
});
export type ServerReport = z.infer<typeof serverReport>;

export const report = z.strictObject({
  schemaVersion: z.literal(SCHEMA_VERSION),
  startedAt: z.iso.datetime(),
  servers: z.array(serverReport),
  implementations: z.array(implementationReport),
  requirements: z.array(
    z.strictObject({
      id: z.string(),
      rule: z.string(),
      sources: z.array(z.string()),
      level: z.string(),
      tier: z.string(),
    }),
  ),
  trials: z.array(trialResult),
  totals: z.record(z.enum(VERDICTS), z.int()),
  duration_ms: z.number(),
});
export type Report = z.infer<typeof report>;
