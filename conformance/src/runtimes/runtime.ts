import type { Needs } from '../implementations/find.ts';

/** What a process needs in its environment so that the commands of an implementation work. */
export interface Runtime {
  /** Folders to put first on PATH. */
  readonly path: string[];
  readonly env: Record<string, string>;
  /** For reports: `Python 3.11.7` */
  readonly version: string;
}

/** How one run-time is looked for and made ready. */
export interface RuntimeKind {
  /** Throws `MissingSoftware` with everything that is missing. */
  readonly find: (needs: Needs) => Promise<unknown>;
  readonly prepare: (needs: Needs, progress: Progress) => Promise<Runtime>;
}

export type Progress = (line: string) => void;
