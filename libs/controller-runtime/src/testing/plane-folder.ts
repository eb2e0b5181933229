import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const prefix = 'control-plane-';

/** A new folder for one control plane. Those of processes that were killed before they could clean up are removed on the way. */
export async function planeFolder(): Promise<string> {
  const left = (await readdir(tmpdir())).filter((name) => isOrphan(name));
  await Promise.all(left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true })));
  return mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
}

function isOrphan(name: string): boolean {
  const owner = new RegExp(`^${prefix}(\\d+)-`).exec(name)?.[1];
  if (owner === undefined) return false;
  try {
    process.kill(Number(owner), 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
