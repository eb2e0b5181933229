import { GrmError, isModelAddress, type ModelAddress, modelsBucket, parseModelAddress } from '@grm/protocol';
import { StoredModelError } from '@grm/service-kit';
import { CommandError } from '../command-error.ts';

const shortScheme = 'nats:';

/** Whether a command's argument names a model in an object store rather than a path. */
export function namesStoredModel(text: string): boolean {
  return text.startsWith(shortScheme);
}

/** `nats://BUCKET/KEY`, or `nats:KEY` for one in the bucket of models. @throws {CommandError} `usage` */
export function storedModel(text: string): ModelAddress {
  try {
    return parseModelAddress(isModelAddress(text) ? text : `nats://${modelsBucket}/${text.slice(shortScheme.length)}`);
  } catch (error) {
    throw GrmError.isInstance(error) ? new CommandError('usage', error.message, { cause: error }) : error;
  }
}

/** What goes wrong with a store is said as it is. */
export function asStoreError(error: unknown): unknown {
  return error instanceof StoredModelError ? new CommandError('failure', error.message, { cause: error }) : error;
}
