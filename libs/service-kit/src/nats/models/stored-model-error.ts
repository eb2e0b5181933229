import { formatModelAddress, type ModelAddress } from '@grm/protocol';

/** A model that cannot be had from an object store, or not be put there. */
export class StoredModelError extends Error {
  override readonly name = 'StoredModelError';
  readonly address: ModelAddress;

  constructor(address: ModelAddress, problem: string, options?: ErrorOptions) {
    super(`model ${formatModelAddress(address)}: ${problem}`, options);
    this.address = address;
  }
}

/** Passes on what is a StoredModelError already, or how the work was stopped. */
export function asStoredModelError(address: ModelAddress, problem: string, error: unknown, signal: AbortSignal): unknown {
  if (error instanceof StoredModelError || (signal.aborted && error === signal.reason)) return error;
  return new StoredModelError(address, `${problem} (${error instanceof Error ? error.message : String(error)})`, { cause: error });
}
