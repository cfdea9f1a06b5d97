import type { AdapterProcess } from '../adapter/adapter-process.ts';
import type { Capability } from '../protocol/messages.ts';
import { SERVER_NAMES, type ServerName } from '../servers/server.ts';
import type { SampleStage } from '../trial/sample-stage.ts';
import type { ChromiumUser } from '../user/chromium-user.ts';
import type { Stage, StageOptions } from '../trial/stage.ts';
import type { Fault } from '../wire/fault.ts';

export const EVERY_SERVER: readonly ServerName[] = SERVER_NAMES;
/** Those that speak OpenID Connect. */
export const OPENID_SERVERS: readonly ServerName[] = ['keycloak', 'django-oidc-provider'];
/** Those that form-decode what comes in a Basic header (RFC 6749, section 2.3.1). */
export const DECODING_SERVERS: readonly ServerName[] = ['keycloak', 'django-oauth-toolkit'];
export const DJANGO_SERVERS: readonly ServerName[] = [
  'django-oauth-toolkit',
  'django-oidc-provider',
];

export type Level = 'MUST' | 'SHOULD' | 'practice';
export type Tier = 'core' | 'hardened' | 'advanced';

/** A rule that a client keeps or breaks. Its id is the path of its file; an id never changes its meaning. */
export interface Requirement {
  /** The rule in one sentence. */
  readonly rule: string;
  /** Where it comes from: RFC and section, or why it is good practice. */
  readonly sources: readonly string[];
  readonly level: Level;
  readonly tier: Tier;
  /** One way each to provoke the rule; the key is the case's letter, with a word where a letter has several. */
  readonly cases: Readonly<Record<string, Case>>;
}

interface CaseBase {
  /** What an adapter must have declared; without it the case is `not-implemented`. */
  readonly needs?: readonly Capability[];
  /** The servers at which it is played. Default: Keycloak. */
  readonly servers?: readonly ServerName[];
  /** How the stage is set. */
  readonly given?: Omit<StageOptions, 'faults' | 'rest' | 'spare'>;
  /** The implementation to which this one hands something over; the case is played when both are in the run. */
  readonly partner?: string;
  /** It needs a real browser; the case is played with `--browser`. */
  readonly browser?: boolean;
  /** Seconds that the flow waits in all, so that long cases can be started first. Default 0. */
  readonly waits?: number;
}

/** Who else takes part in a trial. */
export interface Company {
  /** The adapter of the case's partner. */
  readonly partner: () => Promise<AdapterProcess>;
  /** A person with a real browser. */
  readonly browser: () => Promise<ChromiumUser>;
}

/** The flow is run as it is, and must keep the rule. */
export interface PlainCase extends CaseBase {
  readonly kind: 'plain';
  /** What the recorders do: nothing that breaks the flow, for it has no twin. */
  readonly faults?: readonly Fault[];
  readonly run: (stage: Stage, company: Company) => Promise<void>;
}

/**
 * The flow is run twice in one trial: unprovoked, where `twin` must hold (else the case was never reached), and provoked, where `judge`
 * says whether the rule was kept. A client that fails always, for whatever reason, can therefore not pass.
 */
export interface ProvokedCase<Seen> extends CaseBase {
  readonly kind: 'provoked';
  /** What the recorders do in the provoked run. */
  readonly faults?: readonly Fault[];
  /** @param provoked whether to provoke in ways that are no fault of a recorder: a wrong setting, an administrator's act. */
  readonly flow: (stage: Stage, provoked: boolean) => Promise<Seen>;
  readonly twin: (seen: Seen, stage: Stage) => void;
  readonly judge: (seen: Seen, stage: Stage) => void | Promise<void>;
}

/** A sample is run as a program: environment in; exit code, output and wire out. */
export interface SampleCase {
  readonly kind: 'sample';
  readonly sample: string;
  /** The servers at which it is played. Default: Keycloak. */
  readonly servers?: readonly ServerName[];
  readonly faults?: readonly Fault[];
  readonly run: (stage: SampleStage) => Promise<void>;
}

export type Case = PlainCase | ProvokedCase<never> | SampleCase;

export function requirement(definition: Requirement): Requirement {
  return definition;
}

export function plain(definition: Omit<PlainCase, 'kind'>): PlainCase {
  return { kind: 'plain', ...definition };
}

export function provoked<Seen>(definition: Omit<ProvokedCase<Seen>, 'kind'>): ProvokedCase<never> {
  // What `flow` returns reaches `twin` and `judge` of the same case only, so its type may be forgotten here.
  return { kind: 'provoked', ...definition } as unknown as ProvokedCase<never>;
}

export function sample(definition: Omit<SampleCase, 'kind'>): SampleCase {
  return { kind: 'sample', ...definition };
}
