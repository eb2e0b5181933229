import { JetStreamApiError, type JetStreamManager, type StreamConfig } from '@nats-io/jetstream';

const streamNotFound = 10_059;

/** Makes a stream what the configuration says, whether it is there or not. */
export async function ensureStream(manager: JetStreamManager, config: Partial<StreamConfig> & { name: string }): Promise<void> {
  try {
    await manager.streams.update(config.name, config);
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== streamNotFound) throw error;
    await manager.streams.add(config);
  }
}
