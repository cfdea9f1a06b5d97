import { findProgram, type Program } from './find-program.ts';
import { refuse } from './missing.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** A browser of the Chromium family on PATH. @throws MissingSoftware */
export async function findChromium(): Promise<Program> {
  for (const name of NAMES) {
    const program = await findProgram(name);
    if (program) return program;
  }
  return refuse({
    what: 'Chromium (for --browser)',
    packages: { 'apt-get': ['chromium'], dnf: ['chromium'], brew: ['chromium'] },
    otherwise: 'Chromium, as "chromium" on PATH',
  });
}
