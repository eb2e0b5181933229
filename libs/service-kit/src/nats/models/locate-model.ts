import { formatModelAddress, isModelAddress, parseModelAddress } from '@grm/protocol';
import type { Configuration } from '../../configuration/configuration.ts';
import type { Log } from '../../telemetry/log.ts';
import type { NatsClient } from '../nats-client.ts';
import { fetchModel } from './fetch-model.ts';
import { StoredModelError } from './stored-model-error.ts';

/** How often the log says how far a model has come, ms. */
const sayEveryMs = 5_000;

export interface LocatedModel {
  /** A folder, or a .gguf file. */
  readonly path: string;
  /** What answers call the model; undefined: the name of its folder or file. */
  readonly name: string | undefined;
  /** Call with the revision of the model that was opened. @throws StoredModelError when the store promised another */
  readonly check: (revision: string) => void;
}

/** The model that a service process is to serve, fetched where it lies in an object store. @throws StoredModelError */
export async function locateModel(configuration: Configuration, { connection }: NatsClient, log: Log): Promise<LocatedModel> {
  const { model, modelName, modelCache: cache } = configuration;
  if (!isModelAddress(model)) return { path: model, name: modelName, check: () => {} };
  const address = parseModelAddress(model);
  log.info({ model, cache }, 'fetching the model');
  const startedAt = Date.now();
  let saidAt = startedAt;
  const { path, revision } = await fetchModel({
    connection,
    address,
    cache,
    // A process that is told to end while it starts does so at once.
    signal: new AbortController().signal,
    progress: (doneBytes, totalBytes, file) => {
      if (Date.now() - saidAt < sayEveryMs) return;
      saidAt = Date.now();
      log.info({ model, doneBytes, totalBytes, file }, `fetching the model: ${Math.floor((100 * doneBytes) / totalBytes)} %`);
    },
  });
  log.info({ model: formatModelAddress({ ...address, revision }), path, ms: Date.now() - startedAt }, 'the model is here');
  return {
    path,
    name: modelName ?? address.key,
    check: (found) => {
      if (found !== revision) throw new StoredModelError(address, `its files have revision ${found}, its index says ${revision}; publish the model again`);
    },
  };
}
