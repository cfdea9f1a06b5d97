import { readFile } from 'node:fs/promises';

const LISTEN = '0A';

/**
 * The local addresses on which anybody listens at a TCP port: `127.0.0.1`, `::1`, or another one as the kernel writes it.
 *
 * @returns nothing where there is no /proc.
 */
export async function listenersOn(port: number): Promise<string[]> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  return tables
    .join('\n')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '', , state]) => state === LISTEN && portOf(local) === port)
    .map(([, local = '']) => readable(local.split(':')[0] ?? ''));
}

function portOf(address: string): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16);
}

const NAMES: Readonly<Record<string, string>> = {
  '0100007F': '127.0.0.1',
  '00000000000000000000000001000000': '::1',
  // A JVM binds IPv4 addresses through IPv6 sockets.
  '0000000000000000FFFF00000100007F': '127.0.0.1',
};

function readable(hex: string): string {
  return NAMES[hex] ?? hex;
}
