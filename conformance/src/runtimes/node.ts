import { dirname } from 'node:path';
import { prepareCompileCache } from './compile-cache.ts';
import type { RuntimeKind } from './runtime.ts';

/** The Node that runs the harness, so that both are of one version. */
export const node: RuntimeKind = {
  find: () => Promise.resolve(),
  prepare: async () => ({
    path: [dirname(process.execPath)],
    env: { NODE_COMPILE_CACHE: await prepareCompileCache() },
    version: `Node ${process.versions.node}`,
  }),
};
