import { join } from 'node:path';
import { formatModelAddress, isModelAddress, parseModelAddress } from '@grm/protocol';
import { type GRMTrainingRun, mapRunSources, type RunSource } from '@grm/resources';
import { connectNats, fetchModel, type Log, natsErrorLog, type NatsServers } from '@grm/service-kit';
import { RunFolderError } from './run-folder-error.ts';

export interface FetchRunModelsOptions {
  /** The run's: models are kept in `<folder>/models`, so that a run that goes on needs not fetch them again. */
  readonly folder: string;
  /** Absent where the trainer works without. */
  readonly nats: NatsServers | undefined;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/**
 * A run whose models are all files: those that its manifest names by their address in an object store (`nats://<bucket>/<key>`) are fetched.
 * @throws StoredModelError; RunFolderError without NATS; GrmError `invalid-request` for what is no address
 */
export async function fetchRunModels(run: GRMTrainingRun, { folder, nats, log, signal }: FetchRunModelsOptions): Promise<GRMTrainingRun> {
  const addresses = modelAddresses(run);
  if (addresses.length === 0) return run;
  if (nats === undefined) throw new RunFolderError(folder, `${addresses[0]} lies in an object store, which is reached over NATS: leave out --standalone`);
  const connection = await connectNats({ ...nats, name: `${run.metadata.namespace}/${run.metadata.name}/models`, onError: natsErrorLog(log) });
  try {
    const fetched = new Map<string, string>();
    for (const address of addresses) {
      log.info({ model: address }, 'fetching a model');
      const { path } = await fetchModel({ connection, address: parseModelAddress(address), cache: join(folder, 'models'), signal });
      fetched.set(address, path);
    }
    return mapRunSources(run, (source) => fetched.get(placeOf(source)) ?? placeOf(source));
  } finally {
    await connection.close();
  }
}

function modelAddresses(run: GRMTrainingRun): readonly string[] {
  const addresses = new Set<string>();
  mapRunSources(run, (source) => {
    const path = placeOf(source);
    if (isModelAddress(path)) addresses.add(path);
    return path;
  });
  return [...addresses];
}

/** What a source names: of a run as `readRun` gives it, a path or an address. */
function placeOf(source: RunSource): string {
  switch (source.kind) {
    case 'volume':
      return source.path;
    case 'object':
      return formatModelAddress(source);
    case 'builtin':
      return source.name;
    case 'artifact':
      return source.run.name;
  }
}
