import { readdir, rename, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Puts what was at a place back, where `replaceFolder` was killed between its two steps: the old folder was moved aside, the new one not there yet. */
export async function putBack(place: string): Promise<void> {
  if (await stat(place).then(() => true, () => false)) return;
  const names = await readdir(dirname(place)).catch(() => []);
  const old = names.find((name) => name.startsWith(`${basename(place)}.old-`));
  if (old !== undefined) await rename(join(dirname(place), old), place);
}
