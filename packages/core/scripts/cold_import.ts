import { execFileSync } from 'node:child_process';

const ROUNDS = 11;

/** Milliseconds, each the least of some runs: everything above that is the machine's other work. */
export interface ColdImport {
  readonly bare: number;
  readonly withPackage: number;
}

/** How long a program takes that does nothing, and one that only imports a package. */
export function coldImport(folder: string, name: string): ColdImport {
  let [bare, withPackage] = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round += 1) {
    bare = Math.min(bare, took(folder, '0'));
    withPackage = Math.min(withPackage, took(folder, `import('${name}')`));
  }
  return { bare, withPackage };
}

function took(folder: string, program: string): number {
  const from = performance.now();
  execFileSync(process.execPath, ['-e', program], { cwd: folder });
  return performance.now() - from;
}
