import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CheckpointStoreSource } from '@grm/resources';
import { connectNats, type Log, natsErrorLog, type NatsServers } from '@grm/service-kit';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { folderCheckpointStore } from './folder-checkpoint-store.ts';
import { objectStoreCheckpointStore } from './object-store-checkpoint-store.ts';

export interface CheckpointStoreOptions {
  readonly runFolder: string;
  readonly namespace: string;
  readonly run: string;
  /** Absent where the trainer works without. */
  readonly nats: NatsServers | undefined;
  readonly log?: Log;
  /** How long servers are waited for, ms. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * The place of a run's checkpoints: `<run folder>/checkpoints`, or `<volume>/<namespace>.<run>`, or a bucket. Disposing it
 * closes its connection.
 * @throws {CheckpointReadError} the place cannot be used: it is not known then what the run could go on from
 */
export async function openCheckpointStore(
  to: CheckpointStoreSource | undefined,
  { runFolder, namespace, run, nats, log, timeoutMs = 30_000 }: CheckpointStoreOptions,
): Promise<CheckpointStore & AsyncDisposable> {
  const prefix = `${namespace}.${run}`;
  if (to === undefined || 'volume' in to) {
    const folder = to === undefined ? join(runFolder, 'checkpoints') : join(to.volume.path, prefix);
    await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
      throw new CheckpointReadError(folder, 'cannot be made', 'let the trainer write there, or give checkpoints another place (spec.checkpoint.to)', { cause });
    });
    return { ...folderCheckpointStore(folder), [Symbol.asyncDispose]: async () => undefined };
  }
  const { bucket } = to.objectStore;
  const place = `nats://${bucket}`;
  if (nats === undefined) throw new CheckpointReadError(place, 'needs NATS', 'set GRM_NATS_URL and leave out --standalone, or give checkpoints a folder (spec.checkpoint.to.volume)');
  const connection = await connectNats({ ...nats, name: `${namespace}/${run}/checkpoints`, timeoutMs, ...(log === undefined ? {} : { onError: natsErrorLog(log) }) }).catch((cause: unknown) => {
    throw new CheckpointReadError(place, cause instanceof Error ? cause.message : String(cause), 'or give checkpoints a folder (spec.checkpoint.to.volume)', { cause });
  });
  const store = objectStoreCheckpointStore({ connection, bucket, prefix });
  return { ...store, [Symbol.asyncDispose]: () => connection.close() };
}
