import { rolloutSubjects, type RunAddress } from '@grm/protocol';
import { DiscardPolicy, jetstreamManager, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { nanos, type NatsConnection } from '@nats-io/transport-node';
import { ensureConsumer } from './ensure-consumer.ts';
import { ensureObjectStore } from './ensure-object-store.ts';
import { ensureStream } from './ensure-stream.ts';

const dayMs = 86_400_000;
/** Far more than a trainer has out at once. */
const maxPending = 10_000;

/**
 * Creates or updates the work queue and the object store with which samplers draw for one training run. Idempotent; whoever provisions calls it
 * (the operator, `grmctl local`), trainer and samplers only use the result. On disk, not for its durability, as that of a service (`ensureTopology`), and in as many copies.
 */
export async function ensureRolloutTopology(connection: NatsConnection, address: RunAddress, replicas?: number): Promise<void> {
  const names = rolloutSubjects(address);
  const run = `${address.namespace}/${address.run}`;
  const manager = await jetstreamManager(connection);
  const copies = replicas === undefined ? {} : { num_replicas: replicas };
  await ensureStream(manager, {
    name: names.stream,
    description: `Rollouts of run ${run}`,
    subjects: [names.task],
    storage: StorageType.File,
    retention: RetentionPolicy.Workqueue,
    discard: DiscardPolicy.New,
    max_msgs: maxPending,
    ...copies,
  });
  await ensureStream(manager, {
    name: names.dead.stream,
    description: `Rollouts of run ${run} that could not be drawn`,
    subjects: [names.dead.subject],
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.Old,
    max_msgs: 1_000,
    max_age: nanos(14 * dayMs),
    ...copies,
  });
  await ensureConsumer(manager, names.stream, names.consumer, [names.task]);
  await ensureObjectStore(connection, names.policies.bucket, `Policies of run ${run}`, replicas);
}
