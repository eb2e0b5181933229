import { createHash, randomUUID } from 'node:crypto';
import { open as openFile, mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ModelAddress, ModelIndex } from '@grm/protocol';
import type { ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { objectChunks } from '../object-chunks.ts';
import { objectStores } from '../object-store.ts';
import { fileDigest } from './file-digest.ts';
import { readModelIndex, storedModels } from './read-model-index.ts';
import { asStoredModelError, StoredModelError } from './stored-model-error.ts';

/** A model that is being published anew just now is whole again after a while. */
const tries = { count: 3, pauseMs: 2_000 } as const;
const shownModels = 20;

export interface FetchModelOptions {
  readonly connection: NatsConnection;
  readonly address: ModelAddress;
  /** Folder that models are kept in, each in one named after its revision. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Called as bytes come. */
  readonly progress?: (doneBytes: number, totalBytes: number, file: string) => void;
}

export interface FetchedModel {
  /** The model's folder, or its .gguf file. */
  readonly path: string;
  /** As the store says; the files are those of its index. */
  readonly revision: string;
}

type File = ModelIndex['files'][number];

/** What came is not what the index says: damaged, or just being replaced. */
class DamagedFileError extends Error {}

/**
 * Gets a model from an object store: every file as its index says, by SHA-256, and the folder in its place as a whole or not at all. One that is
 * there already, and undamaged, is not fetched again.
 * @throws StoredModelError; the signal's reason
 */
export async function fetchModel(options: FetchModelOptions): Promise<FetchedModel> {
  const { connection, address, signal } = options;
  try {
    const store = await objectStores(connection).open(address.bucket);
    for (let attempt = 1; ; attempt++) {
      const index = await indexOf(store, address, signal);
      try {
        return await fetchFiles(store, index, options);
      } catch (error) {
        if (!(error instanceof DamagedFileError) || attempt === tries.count) throw error;
        await sleep(tries.pauseMs, undefined, { signal });
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw asStoredModelError(address, 'cannot be fetched', error, signal);
  }
}

async function indexOf(store: ObjectStore, address: ModelAddress, signal: AbortSignal): Promise<ModelIndex> {
  const index = await readModelIndex(store, address, signal);
  if (index === undefined) {
    const known = await storedModels(store).catch(() => []);
    const shown = known.length === 0 ? 'it holds none' : `it holds ${known.slice(0, shownModels).join(', ')}${known.length > shownModels ? ', ...' : ''}`;
    throw new StoredModelError(address, `is not in object store ${address.bucket}; ${shown}`);
  }
  if (address.revision !== undefined && address.revision !== index.revision) {
    throw new StoredModelError(address, `what lies there now has revision ${index.revision}; name that one, or publish the other again`);
  }
  return index;
}

async function fetchFiles(store: ObjectStore, index: ModelIndex, options: FetchModelOptions): Promise<FetchedModel> {
  const { cache, signal } = options;
  const folder = join(cache, index.revision.slice('sha256:'.length));
  const fetched = { path: pathOf(folder, index), revision: index.revision };
  if (await isWhole(folder, index, signal)) return fetched;
  const staged = `${folder}.${randomUUID()}.partial`;
  await mkdir(staged, { recursive: true });
  try {
    const total = index.files.reduce((sum, { bytes }) => sum + bytes, 0);
    let before = 0;
    for (const file of index.files) {
      await fetchFile(store, file, staged, options, (bytes) => options.progress?.(before + bytes, total, file.name));
      before += file.bytes;
    }
    await moveInto(staged, folder, index, signal);
    return fetched;
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function fetchFile(store: ObjectStore, { name, bytes, sha256 }: File, folder: string, { address, signal }: FetchModelOptions, progress: (bytes: number) => void): Promise<void> {
  const object = await store.get(`${address.key}/${name}`);
  if (object === null) throw new DamagedFileError(`${name} is missing; publish the model again`);
  const hash = createHash('sha256');
  let length = 0;
  const target = await openFile(join(folder, name), 'wx');
  try {
    for await (const chunk of objectChunks(object, signal)) {
      hash.update(chunk);
      length += chunk.length;
      if (length > bytes) break;
      await target.write(chunk);
      progress(length);
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw new DamagedFileError(`${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  } finally {
    await target.close();
  }
  const digest = hash.digest('hex');
  if (length !== bytes || digest !== sha256) throw new DamagedFileError(`${name} is damaged: it has the digest ${digest}, its index says ${sha256}; publish the model again`);
}

/** Another process may have been faster, or have left a damaged one. */
async function moveInto(staged: string, folder: string, index: ModelIndex, signal: AbortSignal): Promise<void> {
  const moved = await rename(staged, folder).then(
    () => true,
    () => false,
  );
  if (moved || (await isWhole(folder, index, signal))) return;
  await rm(folder, { recursive: true, force: true });
  await rename(staged, folder);
}

async function isWhole(folder: string, { files }: ModelIndex, signal: AbortSignal): Promise<boolean> {
  for (const { name, bytes, sha256 } of files) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found?.size !== bytes || (await fileDigest(path, signal)) !== sha256) return false;
  }
  return true;
}

function pathOf(folder: string, { files }: ModelIndex): string {
  const gguf = files.find(({ name }) => name.endsWith('.gguf'));
  return gguf === undefined ? folder : join(folder, gguf.name);
}
