import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const name = 'manifest.json';

const Manifest = z.object({
  files: z.array(
    z.object({ path: z.string(), size: z.number(), mtimeMs: z.number(), sha256: z.string() }),
  ),
  /** Symbolic links, such as that of an environment to its interpreter. */
  links: z.array(z.object({ path: z.string(), target: z.string() })).default([]),
});

/** Declares a folder complete: lists every file and link in it. The last thing to be written. */
export async function writeManifest(folder: string): Promise<void> {
  const files: z.infer<typeof Manifest>['files'] = [];
  const links: z.infer<typeof Manifest>['links'] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink())
      links.push({ path: relative(folder, file), target: await readlink(file) });
    if (!entry.isFile()) continue;
    const { size, mtimeMs } = await lstat(file);
    files.push({ path: relative(folder, file), size, mtimeMs, sha256: await sha256(file) });
  }
  await writeFile(join(folder, name), JSON.stringify({ files, links }));
}

/**
 * What is wrong with a folder, in words; undefined if it is as its manifest says. Reads only the files
 * whose time has changed, for example because the cache was restored from an archive (500 files: 10 ms).
 */
export async function findDamage(folder: string): Promise<string | undefined> {
  let manifest: z.infer<typeof Manifest>;
  try {
    manifest = Manifest.parse(JSON.parse(await readFile(join(folder, name), 'utf8')));
  } catch {
    return 'its manifest is missing or unreadable';
  }
  const damages = await Promise.all(
    manifest.files.map(async ({ path, size, mtimeMs, sha256: expected }) => {
      const file = join(folder, path);
      const found = await lstat(file).catch(() => undefined);
      if (found === undefined) return `${path} is missing`;
      if (found.size !== size) return `${path} has ${found.size} bytes instead of ${size}`;
      if (found.mtimeMs === mtimeMs) return undefined;
      return (await sha256(file)) === expected ? undefined : `${path} was changed`;
    }),
  );
  const lost = await Promise.all(
    manifest.links.map(async ({ path, target }) => {
      const file = join(folder, path);
      if ((await readlink(file).catch(() => undefined)) !== target) return `${path} is missing`;
      return (await stat(file).catch(() => undefined)) ? undefined : `${path} leads nowhere`;
    }),
  );
  return [...damages, ...lost].find((damage) => damage !== undefined);
}

/** The SHA-256 of a file's content, in hexadecimal digits. */
export async function sha256(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest('hex');
}
