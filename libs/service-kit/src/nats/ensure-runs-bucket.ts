import { runProgress } from '@grm/protocol';
import type { KV } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { ensureBucket } from './ensure-bucket.ts';

/**
 * Opens the bucket that holds the progress of training runs, made when it is not there.
 * @param replicas copies that NATS is to keep; only who provisions says how many
 */
export function ensureRunsBucket(connection: NatsConnection, replicas?: number): Promise<KV> {
  const { bucket } = runProgress({ namespace: 'any', run: 'any' });
  return ensureBucket(connection, bucket, { history: 8, description: 'Progress of training runs, key <namespace>.<run>', ...(replicas === undefined ? {} : { replicas }) });
}
