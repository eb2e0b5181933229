import { runProgress } from '@grm/protocol';
import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';

/** Opens the bucket that holds the progress of training runs, made when it is not there. */
export async function ensureRunsBucket(connection: NatsConnection): Promise<KV> {
  const { bucket } = runProgress({ namespace: 'any', run: 'any' });
  return new Kvm(jetstream(connection, { checkAPI: false })).create(bucket, { history: 8, description: 'Progress of training runs, key <namespace>.<run>' });
}
