// `pnpm mutants`: shows that the harness fails on clients that are wrong. Every mutant runs through the real protocol against a real Keycloak.
import { fileURLToPath } from 'node:url';
import { CannotRun } from '../cannot-run.ts';
import { runTrials, type Subject } from '../engine/run.ts';
import { isEnding } from '../processes/on-exit.ts';
import { loadRequirements } from '../requirements/load.ts';
import { RED } from '../verdict/verdict.ts';
import { startKeycloak } from '../servers/keycloak/index.ts';
import { CHEATS } from './cheats.ts';
import { judgeMutant } from './judge.ts';
import { killMatrix } from './kill-matrix.ts';
import { edited, type IdentifiedMutant, loadMutants, staleEdits } from './load.ts';

const CORE = fileURLToPath(new URL('../../../packages/core/', import.meta.url));
const MUTATE = new URL('mutate.ts', import.meta.url).href;

function subject(
  name: string,
  adapter: readonly string[],
  env: Record<string, string> = {},
): Subject {
  return {
    implementation: {
      name,
      language: 'TypeScript',
      folder: CORE,
      adapter,
      samples: {},
      needs: { runtime: 'node' },
    },
    runtime: { path: [], env, version: process.version },
  };
}

function mutated(mutant: IdentifiedMutant): Subject {
  const edits = mutant.edits.map((edit) => ({
    url: edited(edit).href,
    find: edit.find,
    replace: edit.replace,
  }));
  const adapter = [process.execPath, '--import', MUTATE, 'conformance/adapter.ts'];
  return subject(mutant.id, adapter, { MUTANT: JSON.stringify(edits) });
}

async function main(patterns: readonly string[]): Promise<number> {
  const startedAt = performance.now();
  const all = await loadMutants();
  const chosen = all.filter(
    ({ id }) => patterns.length === 0 || patterns.some((pattern) => id.startsWith(pattern)),
  );
  if (chosen.length === 0) throw new CannotRun(`no mutant begins with ${patterns.join(' or ')}`);
  const stale = (await Promise.all(chosen.map(staleEdits))).flat();
  if (stale.length > 0) throw new CannotRun(`patches no longer apply:\n${stale.join('\n')}`);
  const requirements = (await loadRequirements()).filter(({ id }) => !id.startsWith('sample.'));
  const unguarded = requirements.filter(
    ({ id }) => !all.some(({ requirement }) => requirement === id),
  );
  const cheats = patterns.length === 0 ? CHEATS : [];
  const control = subject('control', [process.execPath, 'conformance/adapter.ts']);
  const keycloak = await startKeycloak(undefined, (line) => console.error(line));
  try {
    const subjects = [
      control,
      ...chosen.map(mutated),
      ...cheats.map(({ name, file }) => subject(name, [process.execPath, fileURLToPath(file)])),
    ];
    const { trials } = await runTrials(keycloak.url, subjects, requirements);
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
        .filter(({ verdict }) => RED.has(verdict))
        .map(
          (trial) =>
            `the client that is right fails ${trial.case}: ${trial.verdict}, ${JSON.stringify(trial.reason)}`,
        ),
      ...results.flatMap((result) => result.complaints),
    ];
    for (const { name, does } of cheats) {
      const passed = of(name).filter(({ verdict }) => verdict === 'pass');
      console.log(`cheat ${name} (${does}): ${passed.length} of ${of(name).length} passed`);
      complaints.push(...passed.map((trial) => `the cheat ${name} passes ${trial.case}`));
      if (of(name).length === 0) complaints.push(`the cheat ${name} was not tried`);
    }
    for (const complaint of complaints) console.error(complaint);
    const failed = new Set(complaints.map((complaint) => complaint.split(' ')[0])).size;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(
      `${chosen.length} mutants, ${cheats.length} cheats, ${trials.length} trials in ${seconds} s`,
    );
    console.log(`mutants: ${chosen.length + cheats.length + 1 - failed} passed, ${failed} failed`);
    return complaints.length === 0 ? 0 : 1;
  } finally {
    await keycloak.stop();
  }
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!isEnding()) {
    if (!(error instanceof CannotRun)) throw error;
    console.error(`Cannot run: ${error.message}`);
    process.exitCode = 2;
  }
}
