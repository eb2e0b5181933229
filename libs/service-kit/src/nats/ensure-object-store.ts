import { StorageType } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { objectStores } from './object-store.ts';

/** Makes an object store that is not there; whoever provisions calls it, others only use the result. One that is there stays as it is. */
export async function ensureObjectStore(connection: NatsConnection, bucket: string, description: string): Promise<void> {
  await objectStores(connection).create(bucket, { description, storage: StorageType.File });
}
