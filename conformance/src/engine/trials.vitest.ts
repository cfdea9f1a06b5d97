// The one file that Vitest runs, once in each project: a project is a worker with its share of the subjects; a test is a trial.
import pLimit from 'p-limit';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { type ExpectedFailure, expectedFailures, settle } from '../report/expected-failures.ts';
import { casesOf, type IdentifiedCase, loadRequirements, waits } from '../requirements/load.ts';
import { authoritiesOf } from '../servers/authorities.ts';
import type { Authority } from '../servers/server.ts';
import type { TrialOutcome } from '../trial/trial.ts';
import { Chromium } from '../user/chromium-user.ts';
import { RED } from '../verdict/verdict.ts';
import { Partners } from './partners.ts';
import { type SubjectPlan, trialName } from './plan.ts';
import { announcedServers } from './server-urls.ts';
import { SubjectInPlay } from './subject-in-play.ts';

const { browser, subjects, atWork, temporary } = inject('plan');
// A worker hears no signal: what its stages would leave, and their clients, is removed by who does.
process.env['TMPDIR'] = temporary;
const chromium = browser && new Chromium(browser);
const partners = new Partners(subjects);
const cases = (await loadRequirements()).flatMap(casesOf);
// First what is quick, while servers and adapters warm up; then what measures seconds, the longest first; and samples fill its pauses.
cases.sort((a, b) => turn(a) - turn(b) || waits(b) - waits(a));

const OVERDUE_MS = 10_000;
// Each has an adapter, and there are hundreds of mutants.
const SIDE_BY_SIDE = 8;
// A trial that only waits makes room for another.
const working = pLimit(atWork);

const clientCases = new Set(
  cases.flatMap(({ id, definition }) => (definition.kind === 'sample' ? [] : [id])),
);
const players = await Promise.all(subjects.map(begin));
for (const { subject, plan } of players.slice(0, SIDE_BY_SIDE))
  if (plan.trials.some((trial) => clientCases.has(trial.case))) subject.warmUp();
// If they cannot be had there is nothing to play, and whoever started them says why.
const authorities = authoritiesOf((await announcedServers(temporary)) ?? {});
if (authorities.length === 0) await end();

afterAll(end);
// In one suite: several would all be begun at once, whatever their order, and so would all of their adapters.
describe.concurrent('trials', () => {
  for (let from = 0; from < players.length; from += SIDE_BY_SIDE) {
    const company = players.slice(from, from + SIDE_BY_SIDE);
    // Case by case, so that those who wait do so at the same time.
    for (const planCase of cases)
      for (const authority of authorities)
        for (const player of company) define(player, planCase, authority);
  }
});

async function end(): Promise<void> {
  await Promise.all(players.map(({ subject }) => subject.end()));
  await Promise.all([partners.end(), chromium?.close()]);
  await Promise.all(authorities.map((authority) => authority.close()));
}

interface Player {
  readonly plan: SubjectPlan;
  readonly subject: SubjectInPlay;
  readonly expected: readonly ExpectedFailure[];
  /** Trials that are not done yet. */
  left: number;
}

async function begin(plan: SubjectPlan): Promise<Player> {
  const subject = new SubjectInPlay(plan, partners, chromium);
  const expected = await expectedFailures(plan.implementation.folder);
  return { plan, subject, expected, left: plan.trials.length };
}

function define(player: Player, planCase: IdentifiedCase, authority: Authority): void {
  const { plan, subject, expected } = player;
  const { name } = plan.implementation;
  const trial = { case: planCase.id, server: authority.name };
  if (!plan.trials.some(({ case: id, server }) => id === trial.case && server === trial.server))
    return;
  test(`${name} ${trialName(trial)}`, async ({ task }) => {
    const { promise: atRest, resolve: rest } = Promise.withResolvers<void>();
    let startedAt = 0;
    let overdue: NodeJS.Timeout | undefined;
    let playing: Promise<TrialOutcome> | undefined;
    await working(() => {
      startedAt = performance.now();
      playing = subject.play(planCase, authority, rest);
      // What takes so long is waiting for a client that hangs.
      overdue = setTimeout(rest, OVERDUE_MS);
      return Promise.race([playing, atRest]);
    });
    const played = await playing!;
    clearTimeout(overdue);
    const outcome = settle(played, planCase, expected);
    task.meta.trial = {
      implementation: name,
      requirement: planCase.requirement.id,
      ...trial,
      verdict: outcome.verdict,
      ...((outcome.expected ?? outcome.seen) !== undefined && {
        reason: { expected: outcome.expected, seen: outcome.seen },
      }),
      ...(outcome.trace && {
        trace: { wire: [...outcome.trace.wire], stderr: outcome.trace.stderr },
      }),
      ...(outcome.attachments && { attachments: [...outcome.attachments] }),
      duration_ms: Math.round(performance.now() - startedAt),
    };
    task.meta.handshake = await subject.handshake();
    // Its adapters go with its last trial, and not with the last one of all subjects.
    if (--player.left === 0) await subject.end();
    expect(RED.has(outcome.verdict), outcome.expected).toBe(false);
  });
}

function turn(planCase: IdentifiedCase): number {
  if (planCase.definition.kind === 'sample') return 2;
  return waits(planCase) > 0 ? 1 : 0;
}
