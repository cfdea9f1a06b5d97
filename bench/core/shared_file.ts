// Eight processes and one token file, while the token runs out several times.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from '../host.ts';
import { BenchServer } from './server.ts';
import type { Task, WorkerReport } from './shared_file_process.ts';
import { must, no, NOTHING, type Row } from './table.ts';

const PROCESSES = 8;
const LIFETIME_S = 4;
const MS = 14_000;
const NO_FILE = no('keeps no tokens where another process could share them, nor locks anything');
const NO_LOCK = no('its cache plug-in loads and saves, without a lock over the token request');

async function work(task: Task): Promise<WorkerReport> {
  const child = fork(new URL('shared_file_process.ts', import.meta.url), { execArgv: [] });
  child.send(task);
  const [report] = (await once(child, 'message')) as [WorkerReport];
  await once(child, 'exit');
  return report;
}

export async function sharedFile(): Promise<Row[]> {
  await using server = await BenchServer.start();
  const folder = await mkdtemp(join(tmpdir(), 'polyglot-bench-'));
  try {
    await server.reset({ rotates: true, expiresIn: LIFETIME_S });
    const { origin, tokenUrl, apiUrl } = server;
    const task = { place: { origin, tokenUrl, apiUrl }, file: join(folder, 'tokens.json'), ms: MS };
    const reports = await Promise.all(Array.from({ length: PROCESSES }, () => work(task)));
    const { tokenRequests, refreshes, replays } = await server.counts();
    const calls = reports.reduce((sum, report) => sum + report.calls, 0);
    const failed = reports.reduce((sum, report) => sum + report.failed, 0);
    must(tokenRequests - refreshes === 1, `${tokenRequests - refreshes} grants instead of 1`);
    must(replays === 0, `${replays} refresh tokens were sent twice`);
    must(refreshes >= 2, `only ${refreshes} refreshes: the token has not run out`);
    must(failed === 0, `${failed} calls failed or got an expired token`);
    const typical = median(reports.map(({ medianUs }) => medianUs)).toFixed(1);
    const slowest = Math.max(...reports.map(({ slowestMs }) => slowestMs)).toFixed(0);
    const ours = `${refreshes} refreshes, 0 replays in ${MS / 1000} s and ${calls} calls; ${typical} µs a call, slowest ${slowest} ms`;
    return [
      {
        job: `${PROCESSES} processes, one token file, tokens of ${LIFETIME_S} s`,
        cells: {
          nothing: NOTHING,
          '@polyglot-tokens/core': ours,
          '@badgateway/oauth2-client': NO_FILE,
          'google-auth-library': NO_FILE,
          '@azure/msal-node': NO_LOCK,
          'openid-client': NO_FILE,
          'simple-oauth2': NO_FILE,
        },
      },
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
