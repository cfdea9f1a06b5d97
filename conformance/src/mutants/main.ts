// `pnpm mutants`: shows that the harness fails on clients that are wrong. Every mutant runs through the real protocol against a real Keycloak.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CannotRun } from '../cannot-run.ts';
import { program } from '../program.ts';
import { runTrials } from '../engine/run.ts';
import { casesOf, loadRequirements } from '../requirements/load.ts';
import { BROKEN } from '../verdict/verdict.ts';
import { SERVER_NAMES } from '../servers/server.ts';
import { startServers } from '../servers/start.ts';
import { withTemporaryFolder } from '../servers/temporary-folder.ts';
import { CHEATS } from './cheats.ts';
import { Coverage } from './coverage.ts';
import { mutated, needsBrowser, subject } from './subjects.ts';
import { findChromium, prepareRuntime } from '../runtimes/index.ts';
import { judgeMutant, neverRed } from './judge.ts';
import { killMatrix } from './kill-matrix.ts';
import { loadMutants, staleEdits } from './load.ts';

const EVERY_CASE = '--every-case';
const PROGRESS_MS = 15_000;

/** Says how far it is: all mutants take minutes. */
function teller(): (done: number, all: number) => void {
  let told = performance.now();
  return (done, all) => {
    if (performance.now() - told < PROGRESS_MS) return;
    told = performance.now();
    console.error(`${done} of ${all} trials done …`);
  };
}

/** @param folder for the coverage of the client that is right. */
async function main(args: readonly string[], folder: string): Promise<number> {
  const patterns = args.filter((arg) => arg !== EVERY_CASE);
  const startedAt = performance.now();
  const all = await loadMutants();
  const named = all.filter(
    ({ id }) => patterns.length === 0 || patterns.some((pattern) => id.startsWith(pattern)),
  );
  if (named.length === 0) throw new CannotRun(`no mutant begins with ${patterns.join(' or ')}`);
  // Samples are not made of the core client.
  const requirements = (await loadRequirements()).filter(({ cases }) =>
    Object.values(cases).some(({ kind }) => kind !== 'sample'),
  );
  const chromium = await findChromium().catch(() => undefined);
  const unplayable = chromium
    ? []
    : requirements.filter((requirement) => casesOf(requirement).every(needsBrowser));
  const chosen = named.filter(({ requirement }) =>
    unplayable.every(({ id }) => id !== requirement),
  );
  if (chosen.length < named.length)
    console.error(
      `the mutants of ${unplayable.map(({ id }) => id).join(', ')} are not tried: there is no Chromium`,
    );
  const stale = (await Promise.all(chosen.map(staleEdits))).flat();
  if (stale.length > 0) throw new CannotRun(`patches no longer apply:\n${stale.join('\n')}`);
  const unguarded = requirements.filter(
    ({ id }) => !all.some(({ requirement }) => requirement === id),
  );
  const cheats = patterns.length === 0 ? CHEATS : [];
  const runtime = await prepareRuntime({ needs: { runtime: 'node' } }, (line) =>
    console.error(line),
  );
  const control = {
    ...subject('control', runtime, [process.execPath, 'conformance/adapter.ts']),
    coverage: folder,
  };
  const servers = await startServers(
    { names: SERVER_NAMES, keycloak: undefined },
    (line) => console.error(line),
    'mutants',
  );
  try {
    const browser = chromium && { program: chromium.path, screenshots: join(folder, 'browser') };
    const running = { names: SERVER_NAMES, urls: Promise.resolve(servers.urls) };
    const right = await runTrials(running, [control], requirements, { browser });
    const coverage = args.includes(EVERY_CASE) ? undefined : new Coverage(folder);
    // The cheats first: one of them answers nothing, and is waited for.
    const subjects = [
      ...cheats.map(({ name, file }) =>
        subject(name, runtime, [process.execPath, fileURLToPath(file)]),
      ),
      ...(await Promise.all(
        chosen.map((mutant) => mutated(mutant, runtime, requirements, coverage)),
      )),
    ];
    // What a mutant hands over, the client that is right must be able to take.
    const partners = [
      { ...control, implementation: { ...control.implementation, name: 'typescript' } },
    ];
    const wrong = await runTrials(running, subjects, requirements, {
      partners,
      browser,
      // Next to a mutant, which is quick to start, the harness itself has much to do.
      workers: availableParallelism(),
      progress: teller(),
    });
    const trials = [...right.trials, ...wrong.trials];
    const of = (name: string) => trials.filter(({ implementation }) => implementation === name);
    const results = chosen.map((mutant) => judgeMutant(mutant, of(mutant.id)));
    console.log(
      killMatrix(
        results,
        requirements.map(({ id }) => id),
      ),
    );
    const complaints = [
      ...unguarded.map(({ id }) => `${id} has no mutant`),
      ...of('control')
        .filter(({ verdict }) => BROKEN.has(verdict))
        .map(
          (trial) =>
            `the client that is right fails ${trial.case}: ${trial.verdict}, ${JSON.stringify(trial.reason)}`,
        ),
      ...results.flatMap((result) => result.complaints),
      // A part of a rule's mutants says nothing about the rule.
      ...(patterns.length === 0 ? neverRed(requirements, chosen, wrong.trials) : []),
    ];
    for (const { name, does } of cheats) {
      const passed = of(name).filter(({ verdict }) => verdict === 'pass');
      console.log(`cheat ${name} (${does}): ${passed.length} of ${of(name).length} passed`);
      complaints.push(...passed.map((trial) => `the cheat ${name} passes ${trial.case}`));
      if (of(name).length === 0) complaints.push(`the cheat ${name} was not tried`);
    }
    if (complaints.length > 0)
      console.error([`${complaints.length} complaints:`, ...complaints].join('\n'));
    const failed = new Set(complaints.map((complaint) => complaint.split(/[ :]/)[0])).size;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(
      `${chosen.length} mutants, ${cheats.length} cheats, ${trials.length} trials in ${seconds} s`,
    );
    console.log(`mutants: ${chosen.length + cheats.length + 1 - failed} passed, ${failed} failed`);
    return complaints.length === 0 ? 0 : 1;
  } finally {
    await servers.stop();
  }
}

await program(() =>
  withTemporaryFolder('mutants', (folder) => main(process.argv.slice(2), folder)),
);
