import { type ModelAddress, ModelIndex, modelIndexName } from '@grm/protocol';
import type { ObjectStore } from '@nats-io/obj';
import { readObject } from '../read-object.ts';
import { StoredModelError } from './stored-model-error.ts';

/** What is written of a model's files; undefined where no model has been put there. @throws StoredModelError; what reading throws */
export async function readModelIndex(store: ObjectStore, address: ModelAddress, signal: AbortSignal): Promise<ModelIndex | undefined> {
  const object = await store.get(`${address.key}/${modelIndexName}`);
  if (object === null) return undefined;
  const text = new TextDecoder().decode(await readObject(object, signal));
  try {
    return ModelIndex.parse(JSON.parse(text));
  } catch (cause) {
    throw new StoredModelError(address, `its ${modelIndexName} cannot be read; it is of a newer version of this project, or somebody else's`, { cause });
  }
}

/** Keys of the models in a store. */
export async function storedModels(store: ObjectStore): Promise<string[]> {
  const ending = `/${modelIndexName}`;
  const names = (await store.list()).filter(({ deleted }) => !deleted).map(({ name }) => name);
  return names.filter((name) => name.endsWith(ending)).map((name) => name.slice(0, -ending.length)).toSorted();
}
