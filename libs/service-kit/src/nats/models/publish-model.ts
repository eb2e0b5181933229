import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { formatModelAddress, type ModelAddress, type ModelIndex, modelIndexName } from '@grm/protocol';
import type { ObjectStore } from '@nats-io/obj';
import type { NatsConnection } from '@nats-io/transport-node';
import { objectChunks } from '../object-chunks.ts';
import { chunkBytes, objectStores } from '../object-store.ts';
import { fileDigest } from './file-digest.ts';
import { readModelIndex } from './read-model-index.ts';
import { asStoredModelError, StoredModelError } from './stored-model-error.ts';

export interface PublishModelOptions {
  readonly connection: NatsConnection;
  /** Where to. The bucket is made where there is none and the user may. */
  readonly address: Pick<ModelAddress, 'bucket' | 'key'>;
  /** Holds the files. */
  readonly folder: string;
  /** Names of the files, without folders. */
  readonly files: readonly string[];
  /** What verdicts call the model. */
  readonly revision: string;
  readonly signal: AbortSignal;
  /** Called when one more file is there. */
  readonly progress?: (doneBytes: number, totalBytes: number, file: string) => void;
}

type File = ModelIndex['files'][number];

/**
 * Puts a model into an object store, in the place of one that lies there under the same key: its files, each read back and compared, then the index
 * that makes a model of them. What is there already is not sent again, so a publication that was cut short may be repeated.
 * @returns its address with the revision
 * @throws StoredModelError; the signal's reason
 */
export async function publishModel(options: PublishModelOptions): Promise<ModelAddress> {
  const { connection, address, revision, signal } = options;
  try {
    const store = await objectStores(connection).create(address.bucket, { description: 'Models, <key>/<file>, whole where <key>/grm-model.json is' });
    const index = await indexOf(options);
    const total = index.files.reduce((sum, { bytes }) => sum + bytes, 0);
    let done = 0;
    for (const file of index.files) {
      await publishFile(store, file, options);
      done += file.bytes;
      options.progress?.(done, total, file.name);
    }
    await publishIndex(store, index, options);
    await removeOthers(store, index, address);
    return { ...address, revision };
  } catch (error) {
    signal.throwIfAborted();
    throw asStoredModelError(address, 'cannot be published', error, signal);
  }
}

async function indexOf({ folder, files, revision, signal }: PublishModelOptions): Promise<ModelIndex> {
  const described: File[] = [];
  for (const name of files.toSorted()) {
    const path = join(folder, name);
    described.push({ name, bytes: (await stat(path)).size, sha256: await fileDigest(path, signal) });
  }
  return { version: 1, revision, files: described };
}

async function publishFile(store: ObjectStore, file: File, { address, folder, signal }: PublishModelOptions): Promise<void> {
  const name = `${address.key}/${file.name}`;
  if (await isThere(store, name, file, signal)) return;
  const content = Readable.toWeb(createReadStream(join(folder, file.name), { highWaterMark: chunkBytes, signal }));
  await store.put({ name, options: { max_chunk_size: chunkBytes } }, content);
  if (!(await isThere(store, name, file, signal))) {
    throw new StoredModelError(address, `${file.name} is not there whole after it was put; somebody else may be publishing there`);
  }
}

/** Whether all bytes can be read back and are the file's. */
async function isThere(store: ObjectStore, name: string, { bytes, sha256 }: File, signal: AbortSignal): Promise<boolean> {
  const object = await store.get(name);
  if (object === null || object.info.size !== bytes) return false;
  const hash = createHash('sha256');
  try {
    for await (const chunk of objectChunks(object, signal)) hash.update(chunk);
  } catch {
    signal.throwIfAborted();
    return false;
  }
  return hash.digest('hex') === sha256;
}

async function publishIndex(store: ObjectStore, index: ModelIndex, { address, signal }: PublishModelOptions): Promise<void> {
  const there = await readModelIndex(store, address, signal).catch(() => undefined);
  if (isDeepStrictEqual(there, index)) return;
  await store.putBlob({ name: `${address.key}/${modelIndexName}`, description: formatModelAddress({ ...address, revision: index.revision }) }, new TextEncoder().encode(`${JSON.stringify(index, undefined, 2)}\n`));
}

/** Files of a model that lay there before. */
async function removeOthers(store: ObjectStore, { files }: ModelIndex, { key }: Pick<ModelAddress, 'key'>): Promise<void> {
  const kept = new Set([modelIndexName, ...files.map(({ name }) => name)]);
  for (const { name, deleted } of await store.list()) {
    const file = name.startsWith(`${key}/`) ? name.slice(key.length + 1) : undefined;
    if (!deleted && file !== undefined && !file.includes('/') && !kept.has(file)) await store.delete(name);
  }
}
