import { JetStreamApiError, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';
import { explainReplicas } from './too-few-nats-servers-error.ts';

const streamNotFound = 10_059;

/**
 * Makes a stream what the configuration says, whether it is there or not. Without `num_replicas` it keeps as many copies as it has.
 * @throws TooFewNatsServersError
 */
export async function ensureStream(manager: JetStreamManager, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  try {
    await manager.streams.update(config.name, config);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== streamNotFound) throw explainReplicas(error, config.name, config.num_replicas);
    await manager.streams.add(config).catch((refused: unknown) => {
      throw explainReplicas(refused, config.name, config.num_replicas);
    });
  }
}
