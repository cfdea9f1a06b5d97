import { open } from 'node:fs/promises';

const longest = 16_384;

/** The end of a log file; empty if there is no such file. */
export async function readTail(file: string): Promise<string> {
  const handle = await open(file).catch(() => undefined);
  if (handle === undefined) return '';
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, longest);
    const { buffer } = await handle.read({ buffer: Buffer.alloc(length), position: size - length });
    return buffer.toString('utf8');
  } finally {
    await handle.close();
  }
}
