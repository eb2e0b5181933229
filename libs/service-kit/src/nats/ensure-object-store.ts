import { StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { ensureReplicas } from './ensure-replicas.ts';
import { objectStores } from './object-store.ts';
import { explainReplicas } from './too-few-nats-servers-error.ts';

/**
 * Makes an object store that is not there; whoever provisions calls it, others only use the result. One that is there stays as it is, but for its copies.
 * @throws TooFewNatsServersError
 */
export async function ensureObjectStore(connection: NatsConnection, bucket: string, description: string, replicas?: number): Promise<void> {
  const stream = `OBJ_${bucket}`;
  const copies = replicas === undefined ? {} : { replicas };
  await objectStores(connection).create(bucket, { description, storage: StorageType.File, ...copies }).catch((error: unknown) => {
    throw explainReplicas(error, stream, replicas);
  });
  await ensureReplicas(connection, stream, replicas);
}
