import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** `sha256:` and the digest of a flat folder's files by name. */
export async function digestOfFolder(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).toSorted()) hash.update(`${name}\0`).update(await readFile(join(folder, name))).update('\0');
  return `sha256:${hash.digest('hex')}`;
}
