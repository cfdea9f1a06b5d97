// How much the preparation is worth, and what a whole run costs beside it. Everything is a ratio of one run of this script, because absolute times say
// more about the machine than about the project.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { report } from '../conformance/src/report/model.ts';
import { startKeycloak } from '../conformance/src/servers/keycloak/index.ts';
import { startStock } from '../conformance/src/servers/keycloak/stock.ts';
import { median, stolenShare, ticks } from './host.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const quiet = (): void => {};

async function preparedMs(): Promise<number> {
  const keycloak = await startKeycloak('distribution', quiet);
  await keycloak.stop();
  return keycloak.readyMs;
}

async function run(folder: string): Promise<{ wholeMs: number; readyMs: number; trials: number }> {
  const file = join(folder, 'report.json');
  const startedAt = performance.now();
  await execa(
    'node',
    ['conformance/src/main.ts', '--server', 'distribution', '--report', `json=${file}`],
    { cwd: ROOT },
  );
  const wholeMs = performance.now() - startedAt;
  const { servers, trials } = report.parse(JSON.parse(await readFile(file, 'utf8')));
  return { wholeMs, readyMs: servers[0]?.ready_ms ?? 0, trials: trials.length };
}

const folder = await mkdtemp(join(tmpdir(), 'polyglot-tokens-bench-'));
try {
  await preparedMs();
  const before = await ticks();
  const stock: { firstMs: number; laterMs: number }[] = [];
  const prepared: number[] = [];
  const runs: Awaited<ReturnType<typeof run>>[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    // In turn, so that a machine that slows down slows all of them down.
    stock.push(await startStock());
    prepared.push(await preparedMs());
    runs.push(await run(folder));
  }
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const first = median(stock.map(({ firstMs }) => firstMs));
  const later = median(stock.map(({ laterMs }) => laterMs));
  const ready = median(prepared);
  const whole = median(runs.map(({ wholeMs }) => wholeMs));
  console.log(
    `${cpus().length} processors, medians of ${ROUNDS} rounds in turn, ${runs[0]?.trials ?? 0} trials`,
  );
  console.log(
    `stock start-dev, first start    ${seconds(first).padStart(8)}   ${(first / ready).toFixed(2)} x prepared`,
  );
  console.log(
    `stock start-dev, later start    ${seconds(later).padStart(8)}   ${(later / ready).toFixed(2)} x prepared`,
  );
  console.log(`prepared start                  ${seconds(ready).padStart(8)}   1.00`);
  console.log(
    `whole run                       ${seconds(whole).padStart(8)}   ${(whole / median(runs.map(({ readyMs }) => readyMs))).toFixed(2)} x its own Keycloak's ready time`,
  );
  console.log(
    `taken by other guests of this machine's host: ${stolenShare(before, await ticks())} of the time`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}
