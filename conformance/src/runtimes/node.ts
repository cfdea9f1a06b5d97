import { dirname } from 'node:path';
import type { RuntimeKind } from './runtime.ts';

/** The Node that runs the harness, so that both are of one version. */
export const node: RuntimeKind = {
  find: () => Promise.resolve(),
  prepare: () =>
    Promise.resolve({
      path: [dirname(process.execPath)],
      env: {},
      version: `Node ${process.versions.node}`,
    }),
};
