import type { Implementation } from '../implementations/find.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { TrialResult } from '../report/model.ts';

/** What one Vitest project is told: everything is data, because a project runs in a worker of its own. */
export interface ProjectPlan {
  readonly keycloakUrl: string;
  readonly implementation: Implementation;
  readonly runtime: Runtime;
  /** Ids of the cases to run, `refresh.form/a`. */
  readonly cases: readonly string[];
}

/** What a project reports beside its trials. */
export interface ProjectHandshake {
  readonly library?: string | undefined;
  readonly version?: string | undefined;
  readonly runtime?: string | undefined;
  readonly capabilities: readonly string[];
  readonly broken?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    plan: ProjectPlan;
  }
  interface TaskMeta {
    trial?: TrialResult;
    handshake?: ProjectHandshake;
  }
}
