import { subjects } from '@grm/protocol';
import { jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsConnection } from '@nats-io/transport-node';
import { ensureBucket } from './ensure-bucket.ts';

const { bucket } = subjects({ namespace: 'any', service: 'any' }).gate;

/** Makes the bucket that holds what gates found, when it is not there. */
export async function ensureGatesBucket(connection: NatsConnection, replicas?: number): Promise<void> {
  await ensureBucket(connection, bucket, { description: 'What gates found, key <namespace>.<service>.<revision>', ...(replicas === undefined ? {} : { replicas }) });
}

/** The bucket as it is. Nothing is asked of its stream: a gate may read and write its service's keys, and no more. */
export function openGatesBucket(connection: NatsConnection): Promise<KV> {
  return new Kvm(jetstream(connection, { checkAPI: false })).open(bucket, { allow_direct: true });
}
