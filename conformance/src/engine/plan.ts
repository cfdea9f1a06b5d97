import type { BrowserSettings } from '../user/chromium-user.ts';
import type { Implementation } from '../implementations/find.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { ServerName } from '../servers/server.ts';
import type { TrialResult } from '../report/model.ts';
import type { IdentifiedCase } from '../requirements/load.ts';
import { fits } from '../requirements/select.ts';

/** Another implementation of the run. */
export interface Partner {
  readonly implementation: Implementation;
  readonly runtime: Runtime;
}

/** A case, `refresh.form/a`, at a server. */
export interface PlannedTrial {
  readonly case: string;
  readonly server: ServerName;
}

/** What a person reads and types; Keycloak goes without saying. */
export function trialName({ case: id, server }: PlannedTrial): string {
  return server === 'keycloak' ? id : `${id} at ${server}`;
}

/** Whether an implementation has what a case is about, samples or a client, and wants to be tried on it. */
export function isAbout(
  { id, definition: { kind } }: Pick<IdentifiedCase, 'id' | 'definition'>,
  { adapter, samples, requirements }: Pick<Implementation, 'adapter' | 'samples' | 'requirements'>,
): boolean {
  if (requirements && !requirements.some((pattern) => fits(pattern, id))) return false;
  return kind === 'sample' ? Object.keys(samples).length > 0 : adapter !== undefined;
}

/** One implementation, or a client that is wrong on purpose, and what is played with it. */
export interface SubjectPlan extends Partner {
  readonly trials: readonly PlannedTrial[];
  /** Implementations to which this one hands over. */
  readonly partners: readonly Partner[];
  /** A folder: each trial gets adapters of its own, and what these run is recorded there. */
  readonly coverage?: string | undefined;
}

/** What one Vitest project is told: everything is data, because a project runs in a worker of its own. */
export interface ProjectPlan {
  /** Where everything that is temporary goes, so that it goes with the run; also the name under which the servers are announced. */
  readonly temporary: string;
  /** How many trials may be at work at once. */
  readonly atWork: number;
  /** The real browser of the run, if it has one. */
  readonly browser?: BrowserSettings | undefined;
  readonly subjects: readonly SubjectPlan[];
}

/** What is known of a subject beside its trials. */
export interface SubjectHandshake {
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
    handshake?: SubjectHandshake;
  }
}
