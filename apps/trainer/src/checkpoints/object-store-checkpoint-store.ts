import { JetStreamApiError } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { parseCheckpointName } from './checkpoint-name.ts';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointWriteError } from './checkpoint-write-error.ts';
import { contentDigest } from './content-digest.ts';
import { ObjectBucket } from './object-bucket.ts';

export interface ObjectStoreCheckpointOptions {
  readonly connection: NatsConnection;
  /** Made where there is none. */
  readonly bucket: string;
  /** `<namespace>.<run>`: runs share a bucket. */
  readonly prefix: string;
  /** For one answer of the servers, ms. Default 10,000. */
  readonly timeoutMs?: number;
  /** Age from which chunks without an object are taken for a killed writer's, ms. Default 15 minutes: far above what one of another run that is being written can have. */
  readonly leftoverAgeMs?: number;
}

/** Checkpoints as objects `<prefix>/<name>` in a bucket of NATS' object store. */
export function objectStoreCheckpointStore(options: ObjectStoreCheckpointOptions): CheckpointStore {
  const { connection, bucket, prefix, timeoutMs = 10_000, leftoverAgeMs = 15 * 60_000 } = options;
  const open = (): Promise<ObjectBucket> => ObjectBucket.open({ connection, bucket, timeoutMs });
  const place = (name: string): string => `nats://${bucket}/${prefix}/${name}`;

  const writing = async (where: string, problem: string, work: (objects: ObjectBucket) => Promise<void>): Promise<void> => {
    try {
      await work(await open());
    } catch (error) {
      throw new CheckpointWriteError(where, `${problem} (${messageOf(error)})`, remedyOf(error, bucket), { cause: error });
    }
  };
  const reading = async <T>(where: string, work: (objects: ObjectBucket) => Promise<T>): Promise<T> => {
    try {
      return await work(await open());
    } catch (error) {
      throw new CheckpointReadError(where, `cannot be read (${messageOf(error)})`, 'see that nats-server runs with JetStream and can be reached; nothing was changed', { cause: error });
    }
  };

  return {
    async write(name, content) {
      const named = parseCheckpointName(name);
      if (named === undefined) throw new RangeError(`'${name}' is no checkpoint's name`);
      await writing(place(name), 'cannot be written', async (objects) => {
        await objects.removeLeftovers(leftoverAgeMs);
        // One that is there whole already is left alone: an entry that arrives late, after its chunks were given up, would replace it.
        const there = await objects.get(`${prefix}/${name}`);
        if (there === undefined || contentDigest(there) !== named.digest) await objects.put(`${prefix}/${name}`, content);
      });
      return place(name);
    },
    read: (name) => reading(place(name), (objects) => objects.get(`${prefix}/${name}`)),
    list: () =>
      reading(place(''), async (objects) =>
        (await objects.names(`${prefix}/`)).map((name) => name.slice(prefix.length + 1)).filter((name) => parseCheckpointName(name) !== undefined),
      ),
    remove: (name) => writing(place(name), 'cannot be removed', (objects) => objects.remove(`${prefix}/${name}`)),
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

function remedyOf(error: unknown, bucket: string): string {
  if (!(error instanceof JetStreamApiError)) return 'see that nats-server runs with JetStream and can be reached, or give checkpoints another place (spec.checkpoint.to)';
  return `make room for the stream OBJ_${bucket} (its max_bytes, the account's limits, the server's disk), keep fewer checkpoints (spec.checkpoint.keep), or give them another place (spec.checkpoint.to)`;
}
