// Builds what npm publishes: `node scripts/build.ts [folder]`, default `dist`. Types file by file; the code in a few files, because finding and reading
// fifty small ones takes longer than running them.
import { rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { type ChunkingContext, rolldown } from 'rolldown';

const CORE = fileURLToPath(new URL('..', import.meta.url));
const dist = resolve(process.argv[2] ?? `${CORE}dist`);

await rm(dist, { recursive: true, force: true });
await execa('tsc', ['-p', 'tsconfig.build.json', '--outDir', dist], {
  cwd: CORE,
  preferLocal: true,
  stdio: 'inherit',
});
const input = { index: `${CORE}src/index.ts`, undici: `${CORE}src/undici.ts` };
const bundle = await rolldown({ input, external: ['jose', 'undici'], platform: 'node' });
let core: ReadonlySet<string> | undefined;
await bundle.write({
  dir: dist,
  format: 'esm',
  chunkFileNames: '[name].js',
  // Editors show those of the types.
  comments: false,
  codeSplitting: {
    groups: [
      {
        name(id, graph) {
          core ??= atOnce(graph);
          return core.has(id) ? 'core' : undefined;
        },
        debugName: 'core',
      },
    ],
  },
});

type Graph = Pick<ChunkingContext, 'getModuleInfo'>;

/** All that an import of the package loads, without what it loads later. */
function atOnce(graph: Graph): ReadonlySet<string> {
  const found = new Set([input.index]);
  // A set is walked to the last one that was added meanwhile.
  for (const id of found) {
    for (const imported of graph.getModuleInfo(id)?.importedIds ?? []) found.add(imported);
  }
  return found;
}
