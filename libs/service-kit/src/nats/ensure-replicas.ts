import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { explainReplicas } from './too-few-nats-servers-error.ts';

/**
 * Makes NATS keep so many copies of a stream that is there: a bucket that an earlier installation has made may have fewer. Asks nothing where no number is given,
 * since only who provisions may.
 * @throws TooFewNatsServersError
 */
export async function ensureReplicas(connection: NatsConnection, stream: string, replicas: number | undefined): Promise<void> {
  if (replicas === undefined) return;
  const manager = await jetstreamManager(connection);
  const { config } = await manager.streams.info(stream);
  if (config.num_replicas === replicas) return;
  try {
    await manager.streams.update(stream, { num_replicas: replicas });
  } catch (error) {
    throw explainReplicas(error, stream, replicas);
  }
}
