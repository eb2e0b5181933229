import type { ApiClient } from '../api/api-client.ts';
import { isNotFound } from '../api/api-error.ts';
import { type KubernetesObject, keyOf } from '../api/kubernetes-object.ts';
import type { ResourceType } from '../api/resource-type.ts';

export const hasFinalizer = ({ metadata }: KubernetesObject, name: string): boolean => metadata.finalizers?.includes(name) ?? false;

/** Makes deletion wait for `removeFinalizer`. Refused as a conflict when the object has changed since it was read. */
export async function addFinalizer<T extends KubernetesObject>(client: Pick<ApiClient, 'patch'>, type: ResourceType<T>, object: T, name: string, signal?: AbortSignal): Promise<T> {
  if (hasFinalizer(object, name)) return object;
  return write(client, type, object, [...(object.metadata.finalizers ?? []), name], signal);
}

/** Lets deletion go on; an object that is gone already is well. */
export async function removeFinalizer<T extends KubernetesObject>(client: Pick<ApiClient, 'patch'>, type: ResourceType<T>, object: T, name: string, signal?: AbortSignal): Promise<void> {
  if (!hasFinalizer(object, name)) return;
  try {
    await write(client, type, object, (object.metadata.finalizers ?? []).filter((finalizer) => finalizer !== name), signal);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

function write<T extends KubernetesObject>(client: Pick<ApiClient, 'patch'>, type: ResourceType<T>, object: T, finalizers: readonly string[], signal: AbortSignal | undefined): Promise<T> {
  // The resource version makes it a conflict when another writer has changed the list meanwhile.
  const patch = { metadata: { finalizers, resourceVersion: object.metadata.resourceVersion } };
  return client.patch(type, keyOf(object), patch, { type: 'merge', ...(signal === undefined ? {} : { signal }) });
}
