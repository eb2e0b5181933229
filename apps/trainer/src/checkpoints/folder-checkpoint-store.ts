import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseCheckpointName } from './checkpoint-name.ts';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointWriteError } from './checkpoint-write-error.ts';

/** This process among those that write to a folder. */
const writer = randomUUID();
let begun = 0;

const partialName = /^\.checkpoint-([0-9a-f-]{36})-\d+\.partial$/;

/** Bytes asked for in one read; the system gives less than 2 GiB at a time. */
const piece = 2 ** 28;

const remedies: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room, keep fewer checkpoints (spec.checkpoint.keep), or give them another place (spec.checkpoint.to)',
  EDQUOT: 'the disk quota is used up: raise it, keep fewer checkpoints (spec.checkpoint.keep), or give them another place (spec.checkpoint.to)',
  EIO: 'the disk cannot be relied on: check it, or give checkpoints another place (spec.checkpoint.to)',
  EROFS: 'the disk is mounted read-only: mount it writable, or give checkpoints another place (spec.checkpoint.to)',
  EACCES: 'let the trainer write there, or give checkpoints another place (spec.checkpoint.to)',
  EPERM: 'let the trainer write there, or give checkpoints another place (spec.checkpoint.to)',
};
const otherRemedy = 'check the folder, or give checkpoints another place (spec.checkpoint.to)';

/**
 * Checkpoints in a folder, which is made when the first is written. A file is written under another name, brought to the disk,
 * and renamed, so there is a whole file under a checkpoint's name or none. One process writes at a time, as a run has one
 * trainer: what another has begun is from one that was killed, and goes away with the next list or write.
 */
export function folderCheckpointStore(path: string): CheckpointStore {
  const folder = resolve(path);
  return {
    async write(name, content) {
      if (parseCheckpointName(name) === undefined) throw new RangeError(`'${name}' is no checkpoint's name`);
      const file = join(folder, name);
      begun += 1;
      const partial = join(folder, `.checkpoint-${writer}-${begun}.partial`);
      try {
        await makeFolder(folder);
        await removeLeftovers(folder, await readdir(folder));
        await writeDurably(partial, content);
        await rename(partial, file);
        await syncFolder(folder);
      } catch (error) {
        // What cannot be taken away now is taken away as a leftover.
        await rm(partial, { force: true }).catch(() => undefined);
        throw asWriteError(error, file, 'cannot be written');
      }
      return pathToFileURL(file).href;
    },
    async read(name) {
      const file = join(folder, name);
      if (parseCheckpointName(name) === undefined) return undefined;
      try {
        return await readWhole(file);
      } catch (error) {
        // An unreadable sector is damage like any other.
        if (codeOf(error) === 'ENOENT' || codeOf(error) === 'EIO') return undefined;
        throw asReadError(error, file);
      }
    },
    async list() {
      try {
        const names = await readdir(folder);
        await removeLeftovers(folder, names);
        return names.filter((name) => parseCheckpointName(name) !== undefined);
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return [];
        throw asReadError(error, folder);
      }
    },
    async remove(name) {
      if (parseCheckpointName(name) === undefined) return;
      const file = join(folder, name);
      await rm(file, { force: true }).catch((error: unknown) => {
        throw asWriteError(error, file, 'cannot be removed');
      });
    },
  };
}

/** Makes the folder so that it is there after a power cut, too. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** What could not be taken away stays for the next time; nobody reads it. */
async function removeLeftovers(folder: string, names: readonly string[]): Promise<void> {
  const left = names.filter((name) => (partialName.exec(name)?.[1] ?? writer) !== writer);
  await Promise.all(left.map((name) => rm(join(folder, name), { force: true }).catch(() => undefined)));
}

async function writeDurably(file: string, content: Uint8Array): Promise<void> {
  await using handle = await open(file, 'wx');
  await handle.writeFile(content);
  await handle.sync();
}

/** Brings the names in a folder to the disk, where the file system has such a thing. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync().catch((error: unknown) => {
    if (codeOf(error) !== 'EINVAL' && codeOf(error) !== 'ENOTSUP') throw error;
  });
}

async function readWhole(file: string): Promise<Uint8Array> {
  await using handle = await open(file, 'r');
  const { size } = await handle.stat();
  const content = new Uint8Array(size);
  for (let filled = 0; filled < size; ) {
    const { bytesRead } = await handle.read(content, filled, Math.min(piece, size - filled), filled);
    if (bytesRead === 0) return content.subarray(0, filled);
    filled += bytesRead;
  }
  return content;
}

/** The system's code, e.g. ENOSPC; undefined where the error is not the system's. */
function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

function asWriteError(error: unknown, file: string, problem: string): unknown {
  const code = codeOf(error);
  return code === undefined ? error : new CheckpointWriteError(file, `${problem} (${code})`, remedies[code] ?? otherRemedy, { cause: error });
}

function asReadError(error: unknown, file: string): unknown {
  const code = codeOf(error);
  return code === undefined ? error : new CheckpointReadError(file, `cannot be read (${code})`, 'check it and its permissions; nothing was changed', { cause: error });
}
