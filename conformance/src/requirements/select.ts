import { CannotRun } from '../cannot-run.ts';
import type { ServerName } from '../servers/server.ts';
import { type Identified, serversOf } from './load.ts';
import type { Tier } from './requirement.ts';

export interface Selection {
  /** Patterns of ids: `refresh.*`, `cache.reuse`, `resp.success.validated/a-*`. */
  readonly patterns?: readonly string[];
  readonly tiers?: readonly Tier[];
  /** Default: all. */
  readonly servers?: readonly ServerName[] | undefined;
}

/**
 * The requirements that a selection names, each with the cases that it names.
 *
 * @throws CannotRun when a pattern, or all of them together with the tiers, match nothing: a run of nothing would look green.
 */
export function select(
  all: readonly Identified[],
  { patterns = [], tiers = [], servers }: Selection,
): Identified[] {
  const tests = patterns.map((pattern) => ({ pattern, matches: matcher(pattern) }));
  for (const { pattern, matches } of tests) {
    if (!all.some((requirement) => keys(requirement).some((key) => matches(requirement.id, key)))) {
      throw new CannotRun(`--requirement ${pattern} matches nothing. ${nearest(pattern, all)}`);
    }
  }
  const wanted = withCases(
    all.filter(({ tier }) => tiers.length === 0 || tiers.includes(tier)),
    ({ id }, key) => tests.length === 0 || tests.some(({ matches }) => matches(id, key)),
  );
  if (wanted.length === 0) {
    const of = patterns.length > 0 ? ` of what --requirement selects` : ': no rule has it yet';
    throw new CannotRun(`--tier ${tiers.join(',')} leaves nothing${of}`);
  }
  if (!servers) return wanted;
  const there = withCases(wanted, ({ cases }, key) =>
    serversOf(cases[key]!).some((server) => servers.includes(server)),
  );
  if (there.length === 0)
    throw new CannotRun(`nothing of what is selected is played at ${servers.join(', ')}`);
  return there;
}

/** Requirements with those of their cases that are wanted; without any, a requirement is left out. */
function withCases(
  requirements: readonly Identified[],
  isWanted: (requirement: Identified, key: string) => boolean,
): Identified[] {
  return requirements
    .map((requirement) => {
      const wanted = keys(requirement).filter((key) => isWanted(requirement, key));
      return { ...requirement, cases: pick(requirement.cases, wanted) };
    })
    .filter((requirement) => keys(requirement).length > 0);
}

function keys(requirement: Identified): string[] {
  return Object.keys(requirement.cases);
}

function pick<Value>(
  record: Readonly<Record<string, Value>>,
  names: readonly string[],
): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => names.includes(name)));
}

/** `*` stands for anything; a pattern without a slash means all cases of the requirements that it fits. */
function matcher(pattern: string): (id: string, key: string) => boolean {
  const expression = new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`);
  return (id, key) => expression.test(pattern.includes('/') ? `${id}/${key}` : id);
}

/** Whether a pattern names a case, `refresh.form/a`. */
export function fits(pattern: string, caseId: string): boolean {
  const [id = '', key = ''] = caseId.split('/');
  return matcher(pattern)(id, key);
}

function literal(text: string): string {
  return text.replaceAll(/[.+?^${}()|[\]\\/]/g, String.raw`\$&`);
}

function nearest(pattern: string, all: readonly Identified[]): string {
  const stem = pattern.split(/[.*/]/)[0] ?? '';
  const family = all
    .filter(({ id }) => stem !== '' && id.startsWith(`${stem}.`))
    .map(({ id }) => id);
  return family.length > 0
    ? `There are: ${family.join(', ')}`
    : `'pnpm conformance list' shows what there is; areas: ${[...new Set(all.map(({ id }) => id.split('.')[0]))].join(', ')}`;
}
