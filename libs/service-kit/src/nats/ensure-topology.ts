import { type ServiceAddress, subjects } from '@grm/protocol';
import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { ensureConsumer } from './ensure-consumer.ts';
import { ensureRunsBucket } from './ensure-runs-bucket.ts';
import { ensureStream } from './ensure-stream.ts';
import { ensureGatesBucket } from './gates-bucket.ts';

const dayMs = 86_400_000;

export interface Topology extends ServiceAddress {
  readonly limits: {
    /** Tasks that may wait; a publisher beyond them is refused at once. */
    readonly maxPending: number;
  };
  /** Copies of each stream and bucket, on as many servers of a NATS cluster; absent: one of what is new, and what is there stays as it is. */
  readonly replicas?: number;
}

/**
 * Creates or updates the streams and consumers of one inference service, or of one revision of it beside those of others. Idempotent; whoever provisions calls it (the operator, `grmctl local`), services only use the result.
 *
 * The work stream is on disk although its tasks are short-lived: a memory stream is gone altogether after a restart of a lone server (measured, 2.15.1), configuration and all,
 * while the hop costs the same either way. Nothing waits for fsync: what a power loss takes, clients ask again.
 */
export async function ensureTopology(connection: NatsConnection, topology: Topology): Promise<void> {
  const names = subjects(topology);
  const manager = await jetstreamManager(connection);
  const { replicas } = topology;
  const copies = replicas === undefined ? {} : { num_replicas: replicas };
  await ensureStream(manager, {
    name: names.work.stream,
    description: `Tasks of ${topology.namespace}/${topology.service}`,
    subjects: [names.work.all],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_msgs: topology.limits.maxPending,
    ...copies,
  });
  await ensureStream(manager, {
    name: names.dead.stream,
    description: `Tasks of ${topology.namespace}/${topology.service} that could not be done`,
    subjects: [names.dead.subject],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs: 10_000,
    max_age: nanos(14 * dayMs),
    ...copies,
  });
  await ensureConsumer(manager, names.work.stream, names.consumers.sampler, [names.work.sample, names.work.write]);
  await ensureConsumer(manager, names.work.stream, names.consumers.metaRM, [names.work.meta]);
  await ensureRunsBucket(connection, replicas);
  if (topology.revision !== undefined) await ensureGatesBucket(connection, replicas);
}
