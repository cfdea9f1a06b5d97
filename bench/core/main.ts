// `node bench/core/main.ts [name …]`: our client against the others, every one in the same run and by turns.
import { arch, cpus, loadavg, platform, release } from 'node:os';
import { stolenShare, ticks } from '../host.ts';
import { authorisedRequest } from './authorised_request.ts';
import { cachedToken } from './cached_token.ts';
import { coldImport } from './cold_import.ts';
import { versions } from './peers.ts';
import { sharedFile } from './shared_file.ts';
import { stampede } from './stampede.ts';
import { storm } from './storm.ts';
import { render, type Row } from './table.ts';

const BENCHMARKS: Record<string, () => Promise<Row[]>> = {
  'cached-token': cachedToken,
  'authorised-request': authorisedRequest,
  stampede,
  storm,
  'cold-import': coldImport,
  'shared-file': sharedFile,
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(BENCHMARKS);
const rows: Row[] = [];
const clients = await versions();
const before = await ticks();
for (const name of wanted) {
  const benchmark = BENCHMARKS[name];
  if (!benchmark) throw new Error(`${name} is none of ${Object.keys(BENCHMARKS).join(', ')}`);
  const startedAt = performance.now();
  const found = await benchmark();
  rows.push(...found);
  console.error(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`);
  // Minutes of work: one that fails later must not take this along.
  console.error(render(found, clients));
}
const machine = `${cpus().length} processors (${cpus()[0]?.model ?? 'unknown'}), ${platform()} ${release()} ${arch()}`;
console.log(`${new Date().toISOString().slice(0, 10)}, Node ${process.version}, ${machine}`);
const load = `load average ${loadavg()[1]?.toFixed(1)}`;
console.log(`taken by the hypervisor: ${stolenShare(before, await ticks())} of the time; ${load}`);
console.log(`medians, in brackets the middle half of the values\n`);
console.log(render(rows, clients));
