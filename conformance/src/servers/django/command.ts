import { join } from 'node:path';

/** The interpreter of an environment, with nothing that the user has set for other programs, and without leaving compiled files. */
export const python = (bin: string): string[] => [join(bin, 'python'), '-E', '-s', '-B'];

/** The user's environment without what would configure this Django. */
export function environment(more: Record<string, string> = {}): NodeJS.ProcessEnv {
  const ours = /^(DJANGO_|DATABASE$)/;
  const rest = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(rest), ...more };
}
