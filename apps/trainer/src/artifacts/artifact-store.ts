import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { artifactKey, formatModelAddress, type RunAddress } from '@grm/protocol';
import { connectNats, type Log, natsErrorLog, type NatsServers, publishModel } from '@grm/service-kit';

/** Models among a run's artefacts: what a service can serve. */
export type PublishedArtifact = 'policy' | 'metaRM';

/** Where a run's models are published beside its own folder. */
export interface ArtifactStore {
  /**
   * Publishes a finished folder in the place of what lies there.
   * @returns its address, without the revision
   * @throws {StoredModelError} the store does not take it, or did not answer for a while; the signal's reason
   */
  publish(artifact: PublishedArtifact, folder: string, revision: string, signal: AbortSignal): Promise<string>;
}

export interface ArtifactStoreOptions extends RunAddress {
  readonly nats: NatsServers;
  readonly bucket: string;
  readonly log: Log;
  /** How long a store that does not answer is tried, ms; default five minutes: the stage that is published has taken longer. */
  readonly patienceMs?: number;
}

const longestPauseMs = 10_000;

/** A NATS object store, in which a run's models lie under `<namespace>.<run>/<artifact>`. */
export function objectArtifactStore({ namespace, run, nats, bucket, log, patienceMs = 300_000 }: ArtifactStoreOptions): ArtifactStore {
  const once = async (artifact: PublishedArtifact, folder: string, revision: string, signal: AbortSignal): Promise<string> => {
    const address = { bucket, key: artifactKey({ namespace, run }, artifact) };
    // Artefacts are hours apart, so a connection is opened for each.
    const connection = await connectNats({ ...nats, name: `${namespace}/${run}/artifacts`, onError: natsErrorLog(log) });
    try {
      const files = (await readdir(folder)).filter((name) => !name.startsWith('.'));
      await publishModel({ connection, address, folder, files, revision, signal });
      log.info({ artifact, revision, address: formatModelAddress(address) }, 'artefact published');
      return formatModelAddress(address);
    } finally {
      await connection.close();
    }
  };
  return {
    publish: async (artifact, folder, revision, signal) => {
      const givesUpAt = Date.now() + patienceMs;
      for (let pause = 500; ; pause = Math.min(2 * pause, longestPauseMs)) {
        try {
          return await once(artifact, folder, revision, signal);
        } catch (error) {
          signal.throwIfAborted();
          if (Date.now() + pause > givesUpAt) throw error;
          log.warn({ err: error, artifact }, 'an artefact cannot be published; trying again');
          await sleep(pause, undefined, { signal });
        }
      }
    },
  };
}
