import { rolloutSubjects, type RunAddress } from '@grm/protocol';
import { JetStreamApiError, type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const streamNotFound = 10_059;

/**
 * Removes what `ensureRolloutTopology` made for a run that is over: its queue and its weights. Dead letters stay until they are too old, for whoever
 * looks into them; without any their stream goes too.
 */
export async function removeRolloutTopology(connection: NatsConnection, address: RunAddress): Promise<void> {
  const { stream, dead, policies } = rolloutSubjects(address);
  const manager = await jetstreamManager(connection);
  await removeStream(manager, stream);
  await removeStream(manager, `OBJ_${policies.bucket}`);
  if ((await messagesIn(manager, dead.stream)) === 0) await removeStream(manager, dead.stream);
}

async function messagesIn(manager: JetStreamManager, stream: string): Promise<number | undefined> {
  try {
    return (await manager.streams.info(stream)).state.messages;
  } catch (error) {
    return ignoreMissing(error);
  }
}

async function removeStream(manager: JetStreamManager, stream: string): Promise<void> {
  await manager.streams.delete(stream).catch(ignoreMissing);
}

function ignoreMissing(error: unknown): undefined {
  if (!(error instanceof JetStreamApiError) || error.code !== streamNotFound) throw error;
}
