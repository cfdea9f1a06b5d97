import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program and its arguments before the URL. */
export type Opener = readonly [command: string, ...args: string[]];

/** What opens a URL on a system. Full paths where the system has fixed ones: Windows would look in the current directory first. */
export function opener(
  platform: NodeJS.Platform,
  systemRoot = 'C:\\Windows',
  browser?: string,
): Opener {
  // What a person has chosen (as Debian's sensible-browser reads it).
  if (browser) return [browser];
  if (platform === 'win32') {
    return [`${systemRoot}\\System32\\rundll32.exe`, 'url.dll,FileProtocolHandler'];
  }
  return platform === 'darwin' ? ['/usr/bin/open'] : ['xdg-open'];
}

/**
 * Shows a URL in the person's own browser (RFC 8252, section 8.12: never in one that the program controls). Without a shell, so nothing in
 * the URL is a command.
 *
 * Other users of the machine can read a process's arguments. The authorization URL in them holds `state`, `nonce` and the challenge: with
 * these alone nobody can redeem a code, which takes the verifier (RFC 7636, section 1).
 *
 * @returns whether the opener started. Whether a page appeared it does not say, so show the URL as text, too. False for other schemes than
 *   http and https, and where there is no browser; it never throws.
 */
export async function openBrowser(url: URL): Promise<boolean> {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return false;
  const [command, ...args] = opener(
    process.platform,
    process.env['SystemRoot'],
    process.env['BROWSER'],
  );
  try {
    const child = spawn(command, [...args, url.href], {
      detached: true,
      stdio: 'ignore',
      env: withoutSettings(process.env),
    });
    child.on('error', () => {});
    child.unref();
    await once(child, 'spawn');
    return true;
  } catch {
    // The error would show the URL among its arguments.
    return false;
  }
}

// A browser outlives the program and has no use for its client secret.
function withoutSettings(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const entries = Object.entries(environment).filter(([name]) => !name.startsWith('OAUTH_'));
  return Object.fromEntries(entries);
}
