import { AckPolicy, JetStreamApiError, type JetStreamManager } from '@nats-io/jetstream';
import { nanos } from '@nats-io/transport-node';
import { workQueuePolicy } from './work-queue-policy.ts';

const consumerNotFound = 10_014;

/** Makes a durable pull consumer hand out the tasks of these subjects as the `workQueuePolicy` says, whether it is there or not. */
export async function ensureConsumer(manager: JetStreamManager, stream: string, name: string, subjects: readonly string[]): Promise<void> {
  const config = {
    filter_subjects: [...subjects],
    ack_wait: nanos(workQueuePolicy.ackWaitMs),
    max_deliver: -1,
    max_ack_pending: 10_000,
  };
  try {
    // Takes the place of what an earlier version set: a consumer has one subject or several, never both.
    await manager.consumers.update(stream, name, { ...config, filter_subject: '' });
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== consumerNotFound) throw error;
    await manager.consumers.add(stream, { ...config, durable_name: name, ack_policy: AckPolicy.Explicit, max_waiting: 10_000 });
  }
}
