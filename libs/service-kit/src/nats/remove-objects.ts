import { JetStreamApiError, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

const STREAM_NOT_FOUND = 10_059;
const NO_MESSAGE_FOUND = 10_037;

/**
 * Removes the objects of a bucket (NATS ADR-20) whose names begin so, entries and chunks, leaving nothing behind: a client's own delete leaves an
 * entry for each, for ever. Idempotent; a bucket that is not there holds none.
 */
export async function removeObjects(connection: NatsConnection, { bucket, prefix }: { readonly bucket: string; readonly prefix: string }): Promise<void> {
  const manager = await jetstreamManager(connection);
  const stream = `OBJ_${bucket}`;
  const entries = `$O.${bucket}.M.`;
  for (const subject of await subjectsIn(manager, stream, `${entries}>`)) {
    const name = Buffer.from(subject.slice(entries.length), 'base64url').toString();
    if (!name.startsWith(prefix)) continue;
    const chunks = await chunksOf(manager, stream, subject);
    // The entry first: without its chunks it would be a damaged object.
    await manager.streams.purge(stream, { filter: subject });
    if (chunks !== undefined) await manager.streams.purge(stream, { filter: `$O.${bucket}.C.${chunks}` });
  }
}

async function subjectsIn(manager: JetStreamManager, stream: string, filter: string): Promise<string[]> {
  try {
    return Object.keys((await manager.streams.info(stream, { subjects_filter: filter })).state.subjects ?? {});
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return [];
    throw error;
  }
}

/** The id under which an entry's chunks lie. */
async function chunksOf(manager: JetStreamManager, stream: string, subject: string): Promise<string | undefined> {
  try {
    const entry: unknown = (await manager.streams.getMessage(stream, { last_by_subj: subject }))?.json();
    return typeof entry === 'object' && entry !== null && 'nuid' in entry && typeof entry.nuid === 'string' ? entry.nuid : undefined;
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === NO_MESSAGE_FOUND) return undefined;
    throw error;
  }
}
