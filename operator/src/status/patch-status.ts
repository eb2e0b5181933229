import { keyOf, type KubernetesObject, type ResourceType } from '@grm/controller-runtime';
import type { KubernetesClient } from '../kubernetes/kubernetes-client.ts';
import { mergePatch } from './merge-patch.ts';

/** An object with a status subresource. */
export interface WithStatus extends KubernetesObject {
  readonly status?: object;
}

/**
 * Makes the status of an object what it is to be, with one request, or none where it is that already. It is held against the object as it was read:
 * one that has changed since is left alone (409), so that nothing newer is overwritten.
 * @returns the object as it is now
 */
export async function patchStatus<T extends WithStatus>(client: Pick<KubernetesClient, 'patch'>, type: ResourceType<T>, object: T, status: object): Promise<T> {
  const patch = mergePatch(object.status ?? {}, status);
  if (patch === undefined) return object;
  const { resourceVersion } = object.metadata;
  return client.patch(type, keyOf(object), { metadata: { resourceVersion }, status: patch }, { type: 'merge', subresource: 'status' });
}
