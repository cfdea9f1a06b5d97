import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

// What the languages look for: xdg-open in the path, or the program that BROWSER (Python, R) names.
const SCRIPT = `#!/bin/sh
printf '%s\\n' "$1" >>"$(dirname "$0")/opened"
`;

/** A program in the place of the system's browser, which only writes down what it is asked to open. */
export class BrowserSpy {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param folder is made; it comes first in the path of who is spied on */
  static async install(folder: string): Promise<BrowserSpy> {
    await mkdir(folder);
    const program = join(folder, 'xdg-open');
    await writeFile(program, SCRIPT);
    await chmod(program, 0o755);
    return new BrowserSpy(folder);
  }

  get path(): string {
    return this.#folder;
  }

  get env(): Readonly<Record<string, string>> {
    const program = join(this.#folder, 'xdg-open');
    return { BROWSER: program, R_BROWSER: program };
  }

  async opened(): Promise<string[]> {
    const text = await readFile(join(this.#folder, 'opened'), 'utf8').catch(() => '');
    return text.split('\n').filter(Boolean);
  }
}
