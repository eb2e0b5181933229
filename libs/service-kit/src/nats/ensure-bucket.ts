import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm, type KvOptions } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { ensureReplicas } from './ensure-replicas.ts';
import { explainReplicas } from './too-few-nats-servers-error.ts';

/**
 * Opens a key-value bucket, made when it is not there. One that is there stays as it is, but for its copies.
 * @throws TooFewNatsServersError
 */
export async function ensureBucket(connection: NatsConnection, bucket: string, options: Partial<KvOptions>): Promise<KV> {
  const { replicas } = options;
  const stream = `KV_${bucket}`;
  const store = await new Kvm(jetstream(connection, { checkAPI: false })).create(bucket, options).catch((error: unknown) => {
    throw explainReplicas(error, stream, replicas);
  });
  await ensureReplicas(connection, stream, replicas);
  return store;
}
